-- What banks tell by themselves, as it came, before anything is done with it (GATE-4). The id of an
-- event is the bank's: the same event again is here already.
create table bank_callback (
  provider text not null,
  event_id text collate "C" not null,
  -- the order of arrival
  seq bigint generated always as identity,
  received_at timestamptz not null default now(),
  -- when it is looked at next; null once it was applied
  due_at timestamptz default now(),
  amount_minor numeric(39, 0),
  -- how often it could not be applied, which spaces the attempts
  tries smallint not null default 0,
  kind text not null check (kind in ('SUCCEEDED', 'ACCEPTED', 'FAILED', 'RETURNED')),
  -- what it did: moved a payout, changed nothing, or named a reference that nobody knows
  effect text check (effect in ('MOVED', 'NOTHING', 'STRANGE')),
  our_ref text not null,
  bank_reference text not null,
  code text not null,
  text text not null,
  -- the bytes that were signed
  body bytea not null,
  primary key (provider, event_id),
  check ((effect is null) = (due_at is not null))
) with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02);

create index bank_callback_due on bank_callback (seq) where due_at is not null;
create index bank_callback_received on bank_callback (received_at);
