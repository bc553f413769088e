-- The part of a table that has a day.
create function day_name(of_table text, day timestamptz) returns text language sql stable as $$
  select of_table || to_char(day at time zone 'UTC', '_YYYYMMDD')
$$;

-- Makes a day of the tables, unless it is there.
create function make_day(day timestamptz) returns void language plpgsql as $$
declare
  start timestamptz := date_trunc('day', day, 'UTC');
  name text;
begin
  foreach name in array array['message', 'chunk', 'message_note'] loop
    execute format(
      'create table if not exists %I partition of %I for values from (%L) to (%L)
       with (fillfactor = 70)', -- rows change a few times, and best where they are
      day_name(name, start), name, first_id(start), first_id(start + interval '1 day'));
  end loop;
end
$$;

-- Moves the numbers that providers know messages by up to the microsecond of now. A restored
-- database, and another one that uses the same account of a provider, never give a number again:
-- a look-up would find somebody else's message. Numbers are given more slowly than time passes.
create function advance_message_ref() returns void language plpgsql as $$
declare
  now_us bigint := extract(epoch from clock_timestamp()) * 1000000;
begin
  perform pg_advisory_xact_lock(hashtextextended('message_ref', 0));
  if now_us > (select last_value from message_ref) + 1000000 then
    perform setval('message_ref', now_us);
  end if;
end
$$;

-- Makes the days from yesterday to some days ahead.
create function make_days(ahead int) returns void language plpgsql as $$
begin
  perform pg_advisory_xact_lock(hashtextextended('make_days', 0));
  for step in -1 .. ahead loop
    perform make_day(now() + step * interval '1 day');
  end loop;
end
$$;

select make_days(7);
select advance_message_ref();

-- The days of a table that were over so many days ago, oldest first.
create function days_over(of_table text, days int) returns table (day timestamptz)
language sql stable as $$
  select one.day from (
    select to_timestamp(right(part.relname, 8) || ' UTC', 'YYYYMMDD TZ') as day
    from pg_inherits join pg_class as part on part.oid = inhrelid
    where inhparent = of_table::regclass and part.relname ~ '_[0-9]{8}$'
  ) as one
  where one.day + interval '1 day' <= now() - days * interval '1 day'
  order by one.day
$$;

-- Whether nothing is to be done any more for what was accepted on a day (DATA-2). What ended stays
-- so, and nothing new is accepted on a day that is over: the answer does not age. Messages of a
-- chunk are made with it, but not in the same instant: hence the minute.
create function day_has_ended(day timestamptz) returns boolean language sql stable as $$
  select not exists (
    select from task
    where chunk_id >= first_id(day) and chunk_id < first_id(day + interval '1 day')
  ) and not exists (
    select from message
    where id >= first_id(day - interval '1 minute')
      and id < first_id(day + interval '1 day 1 minute')
      and state not in ('DELIVERED', 'UNDELIVERED', 'FAILED', 'CANCELLED', 'EXPIRED', 'REJECTED')
  )
$$;

-- Drops a day of a table as a whole; no row is ever deleted from one.
create function drop_day(of_table text, day timestamptz) returns void language plpgsql as $$
begin
  execute format('drop table if exists %I', day_name(of_table, day));
end
$$;

-- Empties the day of receipts that is written to tomorrow, if all of them are done with; two whole
-- days and today stay. Tells which it was.
create function empty_receipts() returns text language plpgsql as $$
declare
  old text := 'receipt_' || (extract(epoch from now())::bigint / 86400 + 1) % 4;
  has_rows boolean;
  has_due boolean;
begin
  execute format('select exists (select from %I)', old) into has_rows;
  if not has_rows then
    return null;
  end if;
  execute format('lock table %I in access exclusive mode', old);
  execute format('select exists (select from %I where due_at is not null)', old) into has_due;
  if has_due then
    return null;
  end if;
  execute format('truncate %I', old);
  return old;
end
$$;
