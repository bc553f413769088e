-- What one writes without a ledger in memory: the request's row keeps its key, the merchant's and the
-- pool's row are locked, checked and changed, entries are written. Then the bank is called, and a
-- second transaction writes what it said.

create schema classic;

create table classic.merchant (
  id uuid primary key,
  credit_limit bigint not null,
  used bigint not null default 0 check (used between 0 and credit_limit),
  held bigint not null default 0 check (held >= 0)
) with (fillfactor = 50);

create table classic.pool (
  id int primary key,
  available bigint not null check (available >= 0),
  held bigint not null default 0 check (held >= 0)
) with (fillfactor = 10);

create table classic.withdrawal (
  id uuid primary key,
  merchant_id uuid not null references classic.merchant,
  amount bigint not null,
  state text not null,
  bank_reference text not null default '',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index classic_withdrawal_merchant on classic.withdrawal (merchant_id, id);

create table classic.request (
  merchant_id uuid not null,
  key text not null,
  hash bytea not null,
  withdrawal_id uuid not null,
  created_at timestamptz not null default now(),
  primary key (merchant_id, key)
);

create table classic.entry (
  id bigint generated always as identity primary key,
  withdrawal_id uuid not null,
  account text not null,
  amount bigint not null,
  created_at timestamptz not null default now()
);

-- The first transaction; false for a key that was used, or for too little credit or pool.
create function classic.reserve(
  of_id uuid, of_merchant uuid, of_amount bigint, of_key text, of_hash bytea
) returns boolean language plpgsql as $$
declare
  free bigint;
begin
  insert into classic.request values (of_merchant, of_key, of_hash, of_id) on conflict do nothing;
  if not found then return false; end if;
  select credit_limit - used - held into free
    from classic.merchant where id = of_merchant for update;
  if free is null or free < of_amount then return false; end if;
  select available into free from classic.pool where id = 1 for update;
  if free < of_amount then return false; end if;
  update classic.merchant set held = held + of_amount where id = of_merchant;
  update classic.pool set available = available - of_amount, held = held + of_amount where id = 1;
  insert into classic.withdrawal (id, merchant_id, amount, state)
    values (of_id, of_merchant, of_amount, 'HELD');
  insert into classic.entry (withdrawal_id, account, amount)
    values (of_id, 'credit', -of_amount), (of_id, 'pool', -of_amount);
  return true;
end
$$;

-- The second one, after the bank has paid.
create function classic.finish(of_id uuid, of_bank_reference text) returns void
language plpgsql as $$
declare
  of_amount bigint;
  of_merchant uuid;
begin
  update classic.withdrawal
    set state = 'SUCCEEDED', bank_reference = of_bank_reference, updated_at = now()
    where id = of_id returning amount, merchant_id into of_amount, of_merchant;
  perform from classic.merchant where id = of_merchant for update;
  update classic.merchant set held = held - of_amount, used = used + of_amount
    where id = of_merchant;
  perform from classic.pool where id = 1 for update;
  update classic.pool set held = held - of_amount where id = 1;
  insert into classic.entry (withdrawal_id, account, amount)
    values (of_id, 'credit_used', of_amount), (of_id, 'bank', of_amount);
end
$$;
