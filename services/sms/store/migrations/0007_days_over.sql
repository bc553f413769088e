-- The days of a table that were over so many days ago, oldest first; as PostgreSQL before 17 can
-- read them too.
create or replace function days_over(of_table text, days int) returns table (day timestamptz)
language sql stable as $$
  select one.day from (
    select to_date(right(part.relname, 8), 'YYYYMMDD')::timestamp at time zone 'UTC' as day
    from pg_inherits join pg_class as part on part.oid = inhrelid
    where inhparent = of_table::regclass and part.relname ~ '_[0-9]{8}$'
  ) as one
  where one.day + interval '1 day' <= now() - days * interval '1 day'
  order by one.day
$$;
