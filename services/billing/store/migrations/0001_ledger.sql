-- The books of one shard of the ledger. Times are microseconds since 1970, of the database's clock;
-- amounts are minor units. Only ledger_commit (0002) writes here.

create table ledger_shard (
  shard integer primary key,
  -- Whoever raised it last is the writer; a commit under another epoch is refused (WR-6).
  epoch bigint not null,
  owner text not null,
  last_seq bigint not null,
  last_at_us bigint not null
);
insert into ledger_shard values (0, 0, '', 0, 0);

create table asset (
  ledger integer primary key check (ledger > 0),
  code text not null unique,
  scale smallint not null check (scale between 0 and 18)
);
insert into asset (ledger, code, scale)
values (1, 'IRR', 2), (2, 'USDT', 6), (3, 'ABAN', 8), (4, 'BTC', 8), (5, 'ETH', 18);

-- The counters have no index and the pages have room, so that an update stays on its page (HOT).
create table account (
  slot bigint primary key,
  version bigint not null,
  created_at_us bigint not null,
  id uuid not null unique,
  user_data uuid not null,
  ledger integer not null references asset,
  code integer not null check (code > 0),
  flags integer not null,
  debits_pending numeric(39, 0) not null check (debits_pending >= 0),
  debits_posted numeric(39, 0) not null check (debits_posted >= 0),
  credits_pending numeric(39, 0) not null check (credits_pending >= 0),
  credits_posted numeric(39, 0) not null check (credits_posted >= 0),
  -- The second line of defence behind the writer (L2): 2 and 4 are the flags of ACC-2.
  constraint debits_must_not_exceed_credits
    check (flags & 2 = 0 or debits_pending + debits_posted <= credits_posted),
  constraint credits_must_not_exceed_debits
    check (flags & 4 = 0 or credits_pending + credits_posted <= debits_posted)
) with (fillfactor = 50);

-- The counters after each transfer make history and audit possible without a second table (L1).
create table transfer (
  seq bigint primary key,
  at_us bigint not null,
  debit_slot bigint not null,
  credit_slot bigint not null,
  debit_version bigint not null,
  credit_version bigint not null,
  pending_seq bigint,
  id uuid not null unique,
  user_data uuid not null,
  ledger integer not null,
  code integer not null,
  flags integer not null,
  timeout_seconds bigint not null,
  kind smallint not null check (kind between 1 and 5),
  amount numeric(39, 0) not null check (amount >= 0),
  debit_pending_after numeric(39, 0) not null,
  debit_posted_after numeric(39, 0) not null,
  credit_pending_after numeric(39, 0) not null,
  credit_posted_after numeric(39, 0) not null,
  check (debit_slot <> credit_slot)
);
create index transfer_of_debit on transfer (debit_slot, seq);
create index transfer_of_credit on transfer (credit_slot, seq);
-- A pending transfer is resolved at most once (TRF-3).
create unique index transfer_resolving on transfer (pending_seq) where pending_seq is not null;

-- What a statement shows beside a transfer; most have nothing.
create table transfer_reference (
  seq bigint primary key,
  reference text not null check (length(reference) <= 140)
);

-- The pending transfers that nothing has resolved yet: what the writer loads at its start.
create table pending_open (
  seq bigint primary key
) with (autovacuum_vacuum_scale_factor = 0.01);

-- The ids that a refusal burned for ever (IDEM-3).
create table transfer_failed (
  id uuid primary key,
  at_us bigint not null,
  status text not null
);

-- One row an event: it says which transfers one event carries, however often it is made anew. That
-- is all of a commit, but for a large one, which has several rows.
create table ledger_commit (
  last_seq bigint primary key,
  first_seq bigint not null,
  at_us bigint not null
);
create index ledger_commit_at on ledger_commit (at_us);

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'Rows of % are never changed or deleted.', tg_table_name
    using errcode = 'insufficient_privilege';
end
$$;
-- Append-only for every role (TRF-5, L1, L19).
create trigger append_only before update or delete or truncate on transfer
  for each statement execute function refuse_change();
create trigger append_only before update or delete or truncate on transfer_reference
  for each statement execute function refuse_change();
create trigger append_only before update or delete or truncate on transfer_failed
  for each statement execute function refuse_change();
create trigger append_only before update or delete or truncate on ledger_commit
  for each statement execute function refuse_change();
