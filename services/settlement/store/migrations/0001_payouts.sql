create type payout_state as enum (
  'PENDING', 'SENDING', 'SUCCEEDED', 'FAILED', 'UNKNOWN', 'CANCELLED', 'RETURNED');
create type payout_stage as enum (
  'CHECKING', 'APPROVAL', 'QUEUED', 'FUNDS', 'SUBMITTING', 'IN_TRANSIT');
create type attempt_state as enum (
  'CREATED', 'ACCEPTED', 'REJECTED', 'NOT_SENT', 'UNKNOWN', 'NOT_FOUND', 'SUCCEEDED', 'FAILED');

-- Money that a provider pays for us, at most once. The id is the caller's, a UUIDv7, so that the
-- order of the ids is that of the requests. Every change is a compare-and-set on the version.
create table payout (
  id uuid primary key,
  merchant_id uuid not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  -- when it is looked at next; 'infinity' while it waits for people, null once it has ended
  due_at timestamptz,
  -- when a provider said first that it has paid
  paid_at timestamptz,
  -- when somebody was told that it has not ended for too long (PAY-5)
  alarmed_at timestamptz,
  version int not null default 1,
  -- how often it was looked at in vain, which spaces the looks
  tries smallint not null default 0,
  state payout_state not null,
  stage payout_stage,
  is_contradicted boolean not null default false,
  amount_minor numeric(39, 0) not null check (amount_minor > 0),
  asset text not null,
  account_id text not null,
  bank_account text not null,
  -- SHA-256 of what the caller asked for: the same id is the same payout (PAY-1), and every attempt
  -- asks its provider for the same (PAY-2)
  hash bytea not null,
  reason text not null default '',
  provider text not null default '',
  bank_reference text not null default '',
  -- the stage is that of a passing state
  check ((stage is not null) = (state in ('PENDING', 'SENDING'))),
  check ((due_at is null) = (state in ('SUCCEEDED', 'FAILED', 'CANCELLED', 'RETURNED')))
) with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02);

create index payout_due on payout (due_at) where due_at is not null;
create index payout_merchant on payout (merchant_id, created_at) include (amount_minor, state);
create index payout_unpaid on payout (state, id)
  where state in ('FAILED', 'CANCELLED', 'RETURNED');

-- What was tried at a provider: written down before the call (PAY-2), and kept for ever. There is
-- one for each provider, since our reference is the same for every retry there.
create table payout_attempt (
  payout_id uuid not null,
  no smallint not null,
  provider text not null,
  our_ref text collate "C" not null unique,
  state attempt_state not null,
  -- by when the last call has surely ended: the provider's window begins there (PAY-4)
  call_until timestamptz not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  provider_ref text not null default '',
  code text not null default '',
  text text not null default '',
  -- the provider's answer as it came, with the numbers of accounts masked
  raw text not null default '',
  primary key (payout_id, no)
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);

-- Every change of a payout.
create table payout_event (
  payout_id uuid not null,
  version int not null,
  at timestamptz not null default now(),
  state payout_state not null,
  stage payout_stage,
  reason text not null,
  primary key (payout_id, version)
);

-- The accounts that a merchant is paid to, and from when on each may be (PAY-7).
create table beneficiary (
  owner_id uuid not null,
  account text not null,
  usable_from timestamptz not null,
  primary key (owner_id, account)
);

-- What administrators say of a payout: APPROVE lets it go, PAID and NOT_PAID tell how it ended. It
-- counts as long as the payout has the version that they saw.
create table payout_opinion (
  payout_id uuid not null,
  person_id uuid not null,
  version int not null,
  opinion text not null check (opinion in ('APPROVE', 'PAID', 'NOT_PAID')),
  bank_reference text not null default '',
  reason text not null default '',
  at timestamptz not null default now(),
  primary key (payout_id, person_id)
);

-- What was handed to a provider on a day of UTC, where it has a limit of the day (PAY-10).
create table provider_day (
  provider text not null,
  day date not null,
  amount_minor numeric(39, 0) not null,
  primary key (provider, day)
);

-- When somebody was told last that a provider has too little of our money.
create table funds_alarm (
  provider text primary key,
  told_at timestamptz not null
);
