-- The books of one shard of the exchange: what was commanded, batch by batch, and dumps of memory to
-- start from. What happened follows from the commands alone, so that nothing else need be kept.
-- Times are milliseconds since 1970, of the database's clock, unless their name says otherwise.

create function engine_now_us() returns bigint language sql volatile as $$
  select (extract(epoch from clock_timestamp()) * 1000000)::bigint
$$;

create table engine_shard (
  shard integer primary key,
  -- Whoever raised it last is the writer; a commit under another epoch is refused (X3).
  epoch bigint not null,
  owner text not null,
  -- The writer's hold ends by itself, and others know who has it.
  lease_until_us bigint not null default 0,
  owner_pid integer,
  owner_started_us bigint,
  -- the last batch of the journal, the number of its last command, and its time
  last_batch bigint not null,
  last_seq bigint not null,
  last_at_ms bigint not null
) with (fillfactor = 20);
insert into engine_shard (shard, epoch, owner, last_batch, last_seq, last_at_ms)
  values (0, 0, '', 0, 0, 0);

-- Every command, in the order in which it is applied, the refused ones too (BOOK-8).
create table journal (
  shard integer not null,
  -- without gap from 1
  batch bigint not null,
  epoch bigint not null,
  first_seq bigint not null,
  last_seq bigint not null,
  at_ms bigint not null,
  -- of `commands`, then `texts`
  crc32 bigint not null,
  -- of the events of all batches up to this one, as the writer saw them, for replays to compare
  events_batch bigint not null,
  events_crc32 bigint not null,
  commands bytea not null,
  -- what the rows of orders need and the engine does not, as JSON by place in the batch; often empty
  texts bytea not null,
  primary key (shard, batch),
  check (events_batch < batch and last_seq >= first_seq)
);
-- Records of small numbers are not worth the time that compressing takes.
alter table journal alter column commands set storage external;

create function refuse_journal_change() returns trigger language plpgsql as $$
begin
  raise exception 'The journal is append-only.';
end
$$;
create trigger append_only before update or truncate on journal
  for each statement execute function refuse_journal_change();

-- A dump of memory after a batch. The row comes last: chunks without one are left over from a crash.
create table snapshot (
  id bigint generated always as identity primary key,
  shard integer not null,
  batch bigint not null,
  last_seq bigint not null,
  at_ms bigint not null,
  events_crc32 bigint not null,
  -- of the state, wherever it lies in memory
  state_hash text not null,
  chunks integer not null,
  bytes bigint not null,
  created_at timestamptz not null default now()
);
create index snapshot_batch on snapshot (shard, batch);

create table snapshot_chunk (
  -- of `snapshot`; it is never given again
  snapshot_id bigint not null,
  shard integer not null,
  no integer not null,
  -- which part of the dump it belongs to; parts larger than a chunk have several
  part integer not null,
  crc32 bigint not null,
  bytes bytea not null,
  primary key (snapshot_id, no)
);
alter table snapshot_chunk alter column bytes set storage external;

-- Journals a batch in one round trip. The fence comes first: a writer that was deposed, or that
-- forgot a batch, changes nothing. Returns the time.
create function engine_journal(
  of_shard integer, of_epoch bigint, lease_us bigint, new_batch bigint, new_first_seq bigint,
  new_last_seq bigint, new_at_ms bigint, new_crc32 bigint, of_events_batch bigint,
  of_events_crc32 bigint, new_commands bytea, new_texts bytea
) returns bigint language plpgsql as $$
begin
  update engine_shard set last_batch = new_batch, last_seq = new_last_seq, last_at_ms = new_at_ms,
      lease_until_us = engine_now_us() + lease_us
    where shard = of_shard and epoch = of_epoch and last_batch = new_batch - 1
      and last_seq = new_first_seq - 1 and last_at_ms <= new_at_ms;
  if not found then
    raise exception 'Epoch % is not the writer of shard % with batch %.',
      of_epoch, of_shard, new_batch using errcode = 'MZ001';
  end if;
  insert into journal (
    shard, batch, epoch, first_seq, last_seq, at_ms, crc32, events_batch, events_crc32, commands,
    texts
  ) values (
    of_shard, new_batch, of_epoch, new_first_seq, new_last_seq, new_at_ms, new_crc32,
    of_events_batch, of_events_crc32, new_commands, new_texts
  );
  return engine_now_us();
end
$$;
