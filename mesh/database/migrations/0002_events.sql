-- Events, committed with what they tell (O1). The parts are the days of a ring, so that old days
-- are dropped as a whole and no table is made at run time (O7).
create sequence outbox_id;

create table outbox (
  slot smallint not null default (extract(epoch from now())::bigint / 86400 % 4),
  id bigint not null default nextval('outbox_id'),
  stream text not null,
  -- the number in the stream, given by the relay when it first sees the row (O2, N2)
  stream_offset bigint,
  event_id uuid not null,
  subject text not null,
  key text not null,
  -- the number among the events of the key
  seq bigint,
  traceparent text,
  at timestamptz not null default clock_timestamp(),
  payload bytea not null,
  primary key (slot, id)
) partition by list (slot);

create table outbox_0 partition of outbox for values in (0)
  with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.01);
create table outbox_1 partition of outbox for values in (1)
  with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.01);
create table outbox_2 partition of outbox for values in (2)
  with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.01);
create table outbox_3 partition of outbox for values in (3)
  with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.01);

create index outbox_unsent on outbox (stream, id) where stream_offset is null;
create index outbox_sent on outbox (stream, stream_offset) where stream_offset is not null;
create index outbox_at on outbox using brin (at);

-- The last number that was given in a stream.
create table outbox_number (
  stream text primary key,
  last_offset bigint not null
);

-- Numbers the events that have none yet and returns them. The row of the stream is locked before
-- anything is looked at: of two relays the second sees what the first has left, so that the order
-- of a key is kept (O3). Rows that commit late are found by having no number (O2).
create function claim_outbox(for_stream text, most int) returns setof outbox
language plpgsql as $$
declare
  base bigint;
  given int;
begin
  if not exists (select from outbox where stream = for_stream and stream_offset is null) then
    return;
  end if;
  insert into outbox_number (stream, last_offset) values (for_stream, 0) on conflict do nothing;
  select last_offset into base from outbox_number where stream = for_stream for update;
  return query
    with due as materialized (
      select slot, id from outbox
      where stream = for_stream and stream_offset is null
      order by id limit most
      for update skip locked
    ), numbered as (
      select due.slot, due.id, row_number() over (order by due.id) as place from due
    )
    update outbox set stream_offset = base + numbered.place from numbered
    where outbox.slot = numbered.slot and outbox.id = numbered.id
    returning outbox.*;
  get diagnostics given = row_count;
  update outbox_number set last_offset = base + given where stream = for_stream;
end
$$;

-- How far a source of events was in its stream when the relay last wrote it down.
create table relay_position (
  stream text not null,
  source text not null,
  position bigint not null,
  -- the message of the stream that carried it, and when that stream was made
  stream_seq bigint not null,
  stream_created text not null,
  -- the position a day ago and, older still, that of a day before: what prune_events relies on
  marked_at timestamptz not null default now(),
  marked_position bigint not null default 0,
  past_position bigint not null default 0,
  primary key (stream, source)
);

-- A wish of the operator: publish again what follows the position (N1).
create table relay_rewind (
  stream text not null,
  source text not null,
  position bigint not null,
  primary key (stream, source)
);

-- Events that consumers have taken care of (O5), by the day of the event: an event that comes
-- again comes to the same part, and a whole part is forgotten at once.
create table inbox (
  slot smallint not null,
  consumer text not null,
  event_id text not null,
  primary key (slot, consumer, event_id)
) partition by list (slot);

create table inbox_0 partition of inbox for values in (0);
create table inbox_1 partition of inbox for values in (1);
create table inbox_2 partition of inbox for values in (2);
create table inbox_3 partition of inbox for values in (3);
create table inbox_4 partition of inbox for values in (4);
create table inbox_5 partition of inbox for values in (5);
create table inbox_6 partition of inbox for values in (6);
create table inbox_7 partition of inbox for values in (7);

-- Events that a consumer gave up (N9).
create table dead_letter (
  id uuid primary key,
  consumer text not null,
  event_id text not null,
  subject text not null,
  headers jsonb not null,
  payload bytea not null,
  error text not null,
  attempts int not null,
  created_at timestamptz not null default now(),
  -- when an operator handed it to the consumer again
  requeued_at timestamptz,
  -- when that attempt ended: the event was worked, or became a new dead letter
  closed_at timestamptz
);

create index dead_letter_open on dead_letter (created_at desc, id desc) where closed_at is null;
create index dead_letter_requeued on dead_letter (consumer, requeued_at)
  where requeued_at is not null and closed_at is null;

-- Empties the day of the outbox that is written to tomorrow, if all of it was published at least a
-- day ago (N1), and a day of the inbox that no event can come from any more. Returns their names.
create function prune_events() returns setof text
language plpgsql as $$
declare
  today bigint := extract(epoch from now())::bigint / 86400;
  old_outbox text := 'outbox_' || (today + 1) % 4;
  old_inbox text := 'inbox_' || (today + 2) % 8;
  needed boolean;
begin
  update relay_position
  set past_position = marked_position, marked_position = position, marked_at = now()
  where marked_at < now() - interval '24 hours';
  execute format('select not exists (select from %I)', old_outbox) into needed;
  if not needed then
    execute format('lock table %I in access exclusive mode', old_outbox);
    execute format(
      'select exists (select from %1$I where stream_offset is null) or exists (
         select from outbox_number as number
         left join relay_position as relay
           on relay.stream = number.stream and relay.source = ''outbox''
         where exists (
           select from %1$I as old
           where old.stream = number.stream
             and old.stream_offset > coalesce(relay.past_position, 0)))',
      old_outbox) into needed;
    if not needed then
      execute format('truncate %I', old_outbox);
      return next old_outbox;
    end if;
  end if;
  execute format('select exists (select from %I)', old_inbox) into needed;
  if needed then
    execute format('truncate %I', old_inbox);
    return next old_inbox;
  end if;
end
$$;
