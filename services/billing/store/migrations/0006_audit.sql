-- The audits of the books of a shard: every balance made anew from the transfers and compared.
create table audit (
  id uuid primary key,
  shard integer not null,
  -- as on the wire: 1 running, 2 passed, 3 failed, 4 aborted
  state smallint not null check (state between 1 and 4),
  -- somebody asked for it, or for one while it ran: it takes no pauses, and its end is told
  is_wanted boolean not null default false,
  -- somebody has begun with it
  is_begun boolean not null default false,
  -- its end was published
  is_told boolean not null default false,
  progress_permille integer not null default 0,
  as_of_seq bigint not null default 0,
  checked_seq bigint not null default 0,
  checked_accounts bigint not null default 0,
  discrepancy_count bigint not null default 0,
  started_at_us bigint not null default ledger_now_us(),
  ended_at_us bigint,
  check ((ended_at_us is null) = (state = 1))
);
-- One audit runs at a time.
create unique index audit_running on audit (shard) where state = 1;
create index audit_started on audit (shard, started_at_us);
create index audit_told on audit (shard, ended_at_us) where is_told;

-- What audits have found, of each the first thousand.
create table discrepancy (
  id bigint primary key generated always as identity,
  audit_id uuid not null references audit on delete cascade,
  -- absent when it is about no account
  account_id uuid,
  seq bigint not null,
  field text not null,
  expected text not null,
  found text not null,
  created_at_us bigint not null default ledger_now_us()
);
create index discrepancy_of_audit on discrepancy (audit_id, id);
