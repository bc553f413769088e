-- The transfers by the months of their times, so that no table or index outgrows the memory, and an
-- old month can be kept elsewhere. A unique key of such a table has to hold the time, so what is
-- unique over all months has a table of its own (L17). Rows refer to each other by their times,
-- which are unique and in the order of seq (TRF-6), since a time tells the month.

-- From now on the writer's hold on the shard ends by itself, and others know who has it (WR-6).
alter table ledger_shard
  add lease_until_us bigint not null default 0,
  add owner_pid integer,
  add owner_started_us bigint,
  -- who is to have the shard next
  -- where the months end that are there
  add months_until_us bigint not null default 0;

alter table transfer rename to old_transfer;
alter index transfer_pkey rename to old_transfer_pkey;
drop index transfer_of_debit, transfer_of_credit, transfer_resolving, transfer_refund;
alter table transfer_reference rename to old_transfer_reference;
alter index transfer_reference_pkey rename to old_transfer_reference_pkey;
alter table pending_open rename to old_pending_open;
alter index pending_open_pkey rename to old_pending_open_pkey;

-- Columns of eight bytes come first, so that none is filled up. The counters after each transfer
-- make history and audit possible without a second table (L1).
create table transfer (
  seq bigint not null,
  -- no time comes in between two others, so that pages needn't leave room
  at_us bigint primary key with (fillfactor = 100),
  debit_slot bigint not null,
  credit_slot bigint not null,
  debit_version bigint not null,
  credit_version bigint not null,
  -- the pending transfer that it resolves, and the transfer that it takes back
  pending_at_us bigint,
  reverts_at_us bigint,
  timeout_seconds bigint not null,
  ledger integer not null,
  code integer not null,
  flags integer not null,
  kind smallint not null check (kind between 1 and 5),
  id uuid not null,
  user_data uuid not null,
  amount numeric(39, 0) not null check (amount >= 0),
  debit_pending_after numeric(39, 0) not null,
  debit_posted_after numeric(39, 0) not null,
  credit_pending_after numeric(39, 0) not null,
  credit_posted_after numeric(39, 0) not null,
  check (debit_slot <> credit_slot)
) partition by range (at_us);
create index transfer_of_debit on transfer (debit_slot, at_us);
create index transfer_of_credit on transfer (credit_slot, at_us);
-- Finds the refunds of a hold, whose id is their user_data, to sum them up (FLOW-5). It has nothing
-- of other transfers: 3 is the code of refunds.
create index transfer_refund on transfer (user_data) where code = 3;
-- Finds transfers by their user_data for a hundredth of what a tree takes: it knows stretches of
-- pages that have none. A worker of the server tells it of a stretch when that is full, so that
-- nothing is written to it on the way of a commit.
create index transfer_user_data on transfer using brin
  (user_data uuid_bloom_ops (n_distinct_per_range = 2800, false_positive_rate = 0.001))
  with (pages_per_range = 64, autosummarize = on);

-- The ids of all transfers, unique for ever (L17, IDEM-1).
create table transfer_id (
  id uuid primary key,
  at_us bigint not null
);

-- What a statement shows beside a transfer; most have nothing.
create table transfer_reference (
  at_us bigint primary key,
  reference text not null check (length(reference) <= 140)
);

-- The transfers that were taken back, each once (EXT-3), and the ones that did it.
create table transfer_revert (
  original_at_us bigint primary key,
  at_us bigint not null
);

-- The pending transfers that nothing has resolved yet: what the writer loads at its start.
create table pending_open (
  at_us bigint primary key
) with (autovacuum_vacuum_scale_factor = 0.01);

-- Makes the rows of a table append-only, for every role (TRF-5, L1, L19).
create function make_append_only(of_table regclass) returns void language plpgsql as $$
begin
  execute format('create trigger append_only before update or delete or truncate on %s
    for each statement execute function refuse_change()', of_table);
end
$$;
select make_append_only(name::regclass)
  from unnest(array['transfer', 'transfer_id', 'transfer_reference', 'transfer_revert']) name;

-- Makes the months from one time to another that are missing; returns where the last one ends. A
-- month is attached, which does not make readers wait as making it in its place would. Triggers and
-- this kind of unique index it does not have from its parent: a month can be named by itself.
create function make_months(from_us bigint, until_us bigint) returns bigint language plpgsql as $$
declare
  -- of UTC, wherever the server is
  month timestamp := date_trunc('month', timestamp '1970-01-01' + from_us / 1000000 * interval '1 s');
  start_us bigint := extract(epoch from month) * 1000000;
  end_us bigint;
  name text;
begin
  loop
    name := 'transfer_' || to_char(month, 'YYYY_MM');
    month := month + interval '1 month';
    end_us := extract(epoch from month) * 1000000;
    if to_regclass(name) is null then
      execute format('create table %I (like transfer including all excluding indexes)', name);
      -- A pending transfer is resolved at most once (TRF-3), over all months by pending_open.
      execute format('create unique index %I on %I (pending_at_us) where pending_at_us is not null',
        name || '_resolving', name);
      perform make_append_only(name::regclass);
      execute format('alter table transfer attach partition %I for values from (%s) to (%s)',
        name, start_us, end_us);
    end if;
    exit when end_us > until_us;
    start_us := end_us;
  end loop;
  return end_us;
end
$$;

-- Makes months that are not needed yet, unless that would have to wait: what analyzes the table has
-- a lock that keeps months from being attached. Returns where they end.
create function make_months_unless_locked(from_us bigint, until_us bigint) returns bigint
language plpgsql as $$
begin
  lock table only transfer in share update exclusive mode nowait;
  return make_months(from_us, until_us);
exception when lock_not_available then return from_us;
end
$$;

-- A month more at the beginning, should the clock be set back before the first transfer.
update ledger_shard set months_until_us = make_months(
  coalesce((select min(at_us) from old_transfer), ledger_now_us()) - 2678400000000,
  greatest(last_at_us, ledger_now_us()) + 2678400000000
);

insert into transfer (
  seq, at_us, debit_slot, credit_slot, debit_version, credit_version, pending_at_us,
  timeout_seconds, ledger, code, flags, kind, id, user_data, amount, debit_pending_after,
  debit_posted_after, credit_pending_after, credit_posted_after
) select
  t.seq, t.at_us, t.debit_slot, t.credit_slot, t.debit_version, t.credit_version, pending.at_us,
  t.timeout_seconds, t.ledger, t.code, t.flags, t.kind, t.id, t.user_data, t.amount,
  t.debit_pending_after, t.debit_posted_after, t.credit_pending_after, t.credit_posted_after
from old_transfer t left join old_transfer pending on pending.seq = t.pending_seq order by t.seq;
insert into transfer_id (id, at_us) select id, at_us from old_transfer order by seq;
insert into transfer_reference (at_us, reference)
  select at_us, reference from old_transfer_reference join old_transfer using (seq);
insert into pending_open (at_us)
  select at_us from old_pending_open join old_transfer using (seq) order by seq;
drop table old_pending_open, old_transfer_reference, old_transfer;

-- The epoch is part of the name of an event; those of before had names without. The slots are those
-- of the accounts that an event tells of: they were opened since the event before.
alter table ledger_commit add epoch bigint, add first_slot bigint, add last_slot bigint,
  add check ((first_slot is null) = (last_slot is null));
-- Finds the last account that was told of; few commits tell of any.
create index ledger_commit_telling on ledger_commit (last_seq) where last_slot is not null;
