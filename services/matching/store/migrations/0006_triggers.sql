-- Orders that wait for a price (DESK-1).

create function now_ms() returns bigint language sql stable as $$
  select (extract(epoch from now()) * 1000)::bigint
$$;

create type trigger_state as enum ('ACTIVE', 'FIRED', 'FAILED', 'CANCELLED');
create type trigger_condition as enum ('ABOVE', 'BELOW');

create table price_trigger (
  -- in the order of their making
  id uuid primary key,
  account_id uuid not null,
  market text not null,
  condition trigger_condition not null,
  price integer not null,
  -- the order to place, as the contract has it (NewOrder)
  new_order bytea not null,
  -- the id that the order has, once it is placed: it follows from the trigger's
  order_id uuid not null,
  -- only trades after this one set it off
  after_trade bigint not null,
  state trigger_state not null default 'ACTIVE',
  -- the trade that has set it off
  trade_id bigint,
  -- whether it is known what became of the order of one that has fired
  is_over boolean not null default false,
  reason text not null default '',
  created_ms bigint not null default now_ms(),
  updated_ms bigint not null default now_ms()
);
create index price_trigger_of_account on price_trigger (account_id, id desc);
create index price_trigger_active on price_trigger (market, condition, price)
  where state = 'ACTIVE';
create index price_trigger_fired on price_trigger (id) where state = 'FIRED' and not is_over;

-- Up to which trade the triggers of a market have looked.
create table trigger_progress (
  market text primary key,
  trade_id bigint not null
);
