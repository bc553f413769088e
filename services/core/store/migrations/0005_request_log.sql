-- The calls of core and settlement as they were answered, refused ones too: who, what, how. Nothing
-- in here is secret, and no number of an account. A part a day, which is dropped as a whole.
create table request_log (
  id uuid not null,
  service text not null,
  method text not null,
  -- the id of a person, "service:" and a name, or "public"
  principal text not null,
  peer text not null,
  ip text not null,
  code text not null,
  reason text not null,
  duration_ms integer not null,
  idempotency_key text not null,
  object_id text not null,
  called_at timestamptz(3) not null,
  primary key (called_at, id)
) partition by range (called_at);

create index request_log_principal on request_log (principal, called_at, id);
create index request_log_refused on request_log (called_at, id) where code <> 'Ok';

-- What comes so late that its day is not there, such as after days without a broker.
create table request_log_late partition of request_log default;

create function request_log_day_name(day timestamptz) returns text language sql stable as $$
  select 'request_log' || to_char(day at time zone 'UTC', '_YYYYMMDD')
$$;

-- Makes the days from yesterday to some days ahead. A day of which some calls have come already
-- stays among the late ones: they can't be moved while others are written.
create function make_request_log_days(ahead int) returns void language plpgsql as $$
declare
  start timestamptz;
begin
  perform pg_advisory_xact_lock(hashtextextended('make_request_log_days', 0));
  for step in -1 .. ahead loop
    start := date_trunc('day', now(), 'UTC') + step * interval '1 day';
    continue when to_regclass(request_log_day_name(start)) is not null or exists (
      select from request_log_late where called_at >= start and called_at < start + interval '1 day'
    );
    execute format('create table %I partition of request_log for values from (%L) to (%L)',
      request_log_day_name(start), start, start + interval '1 day');
  end loop;
end
$$;

select make_request_log_days(7);

-- The days that were over so many days ago, oldest first.
create function request_log_days_over(days int) returns table (day timestamptz)
language sql stable as $$
  select one.day from (
    select to_timestamp(right(part.relname, 8) || ' UTC', 'YYYYMMDD TZ') as day
    from pg_inherits join pg_class as part on part.oid = inhrelid
    where inhparent = 'request_log'::regclass and part.relname ~ '_[0-9]{8}$'
  ) as one
  where one.day + interval '1 day' <= now() - days * interval '1 day'
  order by one.day
$$;

-- Drops a day as a whole.
create function drop_request_log_day(day timestamptz) returns void language plpgsql as $$
begin
  execute format('drop table if exists %I', request_log_day_name(day));
end
$$;
