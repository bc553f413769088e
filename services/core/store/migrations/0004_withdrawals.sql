-- Withdrawals of merchants. A row is committed before anything moves; from then on it is carried out
-- whatever happens, by the call that has made it or by a job. Its id names its hold and its payout
-- too, so that every step may be repeated. Ids are in the order of time.
create table withdrawal (
  id uuid primary key,
  -- not a foreign key: it is read from merchant in the statement that inserts, and merchants stay
  merchant_id uuid not null,
  amount numeric(39, 0) not null check (amount > 0),
  fee numeric(39, 0) not null check (fee >= 0),
  bank_account text not null,
  state text not null default 'REQUESTED' check (state in
    ('REQUESTED', 'HELD', 'SETTLING', 'SUCCEEDED', 'FAILED', 'CANCELLED', 'RETURNED')),
  reason text not null default '',
  provider text not null default '',
  bank_reference text not null default '',
  attempts jsonb not null default '[]',
  -- what settlement has said last of the payout; null before that
  payout_state text,
  payout_version integer not null default 0,
  version integer not null default 1,
  -- when it is taken up next, unless who has it is done before; null when nothing is to be done
  due_at timestamptz(3),
  tries integer not null default 0,
  -- the caller's name for the request, and what was asked; null when they were kept for long enough
  request_key text,
  request_hash bytea check (octet_length(request_hash) = 32),
  -- what the caller was told before the end, which it is told again; null when it was told the end
  answer bytea,
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null,
  check ((request_key is null) = (request_hash is null))
) with (fillfactor = 80);

create unique index withdrawal_key on withdrawal (merchant_id, request_key)
  where request_key is not null;
create index withdrawal_list on withdrawal (merchant_id, id desc);
create index withdrawal_due on withdrawal (due_at) where due_at is not null;

-- Up to which withdrawal the keys of requests were forgotten.
create table withdrawal_keys_freed (
  the_only boolean primary key default true check (the_only),
  up_to uuid not null default '00000000-0000-0000-0000-000000000000'
);
insert into withdrawal_keys_freed default values;
