-- What one writes without a ledger in memory: the customer's row is locked, the balance is checked
-- and changed, the message and its entry are inserted. One message is one transaction.

create schema classic;

create table classic.customer (
  id uuid primary key,
  balance bigint not null check (balance >= 0)
) with (fillfactor = 50);

create table classic.message (
  id uuid primary key,
  customer_id uuid not null,
  receiver text not null,
  content text not null,
  segments int not null,
  price bigint not null,
  state text not null,
  created_at timestamptz not null default now()
);

create index classic_message_customer on classic.message (customer_id, id);

create table classic.entry (
  id uuid primary key,
  customer_id uuid not null,
  amount bigint not null,
  created_at timestamptz not null default now()
);

create function classic.send(
  of_id uuid, for_customer uuid, to_receiver text, of_content text, of_price bigint
) returns boolean language plpgsql as $$
declare
  available bigint;
begin
  select balance into available from classic.customer where id = for_customer for update;
  if available is null or available < of_price then return false; end if;
  update classic.customer set balance = balance - of_price where id = for_customer;
  insert into classic.message
    values (of_id, for_customer, to_receiver, of_content, 1, of_price, 'QUEUED');
  insert into classic.entry values (of_id, for_customer, of_price);
  return true;
end
$$;
