-- What one writes without a ledger in memory: both accounts are locked in the order of their ids, the
-- balance is checked, both are changed, the transfer is inserted. One call is one transaction.

create schema row_lock;

create table row_lock.account (
  id uuid primary key,
  -- for pgbench, which draws numbers
  place integer generated always as identity unique,
  debits numeric(39, 0) not null default 0,
  credits numeric(39, 0) not null default 0,
  check (debits <= credits)
) with (fillfactor = 50);

create table row_lock.transfer (
  id uuid primary key,
  debit_account_id uuid not null,
  credit_account_id uuid not null,
  amount numeric(39, 0) not null check (amount > 0),
  at timestamptz not null default now()
);

create function row_lock.transfer(of_id uuid, from_id uuid, to_id uuid, of_amount numeric)
returns boolean language plpgsql as $$
declare
  locked row_lock.account;
  available numeric;
begin
  for locked in
    select * from row_lock.account where id in (from_id, to_id) order by id for update
  loop
    if locked.id = from_id then available := locked.credits - locked.debits; end if;
  end loop;
  if available is null or available < of_amount then return false; end if;
  update row_lock.account set debits = debits + of_amount where id = from_id;
  update row_lock.account set credits = credits + of_amount where id = to_id;
  insert into row_lock.transfer values (of_id, from_id, to_id, of_amount);
  return true;
end
$$;
