-- What the commands have led to, for those who ask: the journal alone decides. The rows of a batch
-- are stored with `results_batch` in one transaction, so that none is missed or stored twice.

create type order_side as enum ('BUY', 'SELL');
create type order_type as enum (
  'LIMIT', 'MARKET', 'STOP', 'STOP_LIMIT', 'TAKE_PROFIT', 'TAKE_PROFIT_LIMIT');
create type time_in_force as enum ('GTC', 'GTD', 'IOC', 'FOK');
create type self_trade_prevention as enum (
  'NONE', 'EXPIRE_TAKER', 'EXPIRE_MAKER', 'EXPIRE_BOTH', 'DECREMENT');
create type order_state as enum (
  'PENDING_TRIGGER', 'NEW', 'PARTIALLY_FILLED', 'FILLED', 'CANCELLED', 'EXPIRED',
  'EXPIRED_IN_MATCH', 'REJECTED');
create type market_state as enum ('PRE_OPEN', 'TRADING', 'CANCEL_ONLY', 'HALT');

-- The markets that administrators have listed. Steps, assets and scales never change.
create table market (
  symbol text primary key,
  -- the engine's number, without gap from 1
  no integer not null unique,
  base_asset text not null,
  quote_asset text not null,
  -- how many decimals the minor units of the assets have
  base_decimals smallint not null,
  quote_decimals smallint not null,
  tick text not null,
  lot text not null,
  -- minor units of base in a lot, and of quote in one tick times one lot (UNIT-2)
  base_scale bigint not null check (base_scale > 0),
  quote_scale bigint not null check (quote_scale > 0),
  -- what it accepts and charges
  terms jsonb not null,
  state market_state not null default 'PRE_OPEN',
  -- why it has this state, such as PRICE_BAND
  reason text not null default '',
  created_ms bigint not null,
  updated_ms bigint not null
);

-- How far each market is.
create table market_progress (
  market text primary key,
  -- the market's last event and trade
  seq bigint not null,
  trade_id bigint not null,
  -- how many TradesExecuted were published, which is the number of the last
  messages bigint not null
) with (fillfactor = 50);

-- Orders as they are now, by columns that never change and others that do. Prices are ticks,
-- quantities lots, units ticks times lots; 0 is none. Pages have room for changes (HOT).
create table orders (
  id uuid primary key,
  account_id uuid not null,
  market text not null,
  client_order_id text not null,
  -- of what the client has asked for: the same id is the same order
  request_hash bytea not null,
  hold_id uuid not null,
  linked_id uuid,
  trigger_id uuid,
  -- by the number of its command, those of a pair one after the other
  place bigint not null,
  created_ms bigint not null,
  expire_ms bigint not null,
  limit_units bigint not null,
  visible_lots bigint not null,
  maker_per_lot bigint not null,
  taker_per_lot bigint not null,
  maker_ppm integer not null,
  taker_ppm integer not null,
  side order_side not null,
  type order_type not null,
  time_in_force time_in_force not null,
  stp self_trade_prevention not null,
  post_only boolean not null,
  quote_minor numeric(39, 0) not null,
  -- from here on what changes
  state order_state not null,
  price integer not null,
  reserve_price integer not null,
  stop_price integer not null,
  lots bigint not null,
  -- what is open; of an order that has ended 0
  remaining bigint not null,
  filled_lots bigint not null,
  filled_units bigint not null,
  taker_lots bigint not null,
  taker_units bigint not null,
  prevented_lots bigint not null,
  -- how many extra holds were taken for it, and how many releases there were outside of trades
  hold_step integer not null,
  releases integer not null,
  -- the market's event that has changed it last
  seq bigint not null,
  updated_ms bigint not null,
  fee_minor numeric(39, 0) not null,
  -- what is still held for it; of a pair the limit leg has the hold of both
  held_minor numeric(39, 0) not null,
  reason text not null,
  check (remaining >= 0 and filled_lots >= 0 and prevented_lots >= 0)
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);
create index orders_of_account on orders (account_id, place desc);
create index orders_of_client on orders (account_id, market, client_order_id)
  where client_order_id <> '';

-- Every trade, as both sides may see it.
create table trade (
  market text not null,
  -- gapless in the market from 1
  trade_id bigint not null,
  seq bigint not null,
  at_ms bigint not null,
  lots bigint not null,
  -- what is open of the orders after it
  taker_open bigint not null,
  maker_open bigint not null,
  price integer not null,
  -- whether the taker has bought or sold
  taker_side order_side not null,
  taker_order uuid not null,
  maker_order uuid not null,
  buyer uuid not null,
  seller uuid not null,
  buyer_fee_minor numeric(39, 0) not null,
  seller_fee_minor numeric(39, 0) not null,
  primary key (market, trade_id)
);
create index trade_of_buyer on trade (buyer, at_ms desc);
create index trade_of_seller on trade (seller, at_ms desc);

-- What billing has to free of the holds of orders (FLOW-17), until it has answered.
create table release (
  hold_id uuid not null,
  -- which of the releases of the hold it is
  step integer not null,
  account_id uuid not null,
  asset text not null,
  amount_minor numeric(39, 0) not null check (amount_minor > 0),
  created_ms bigint not null,
  primary key (hold_id, step)
) with (autovacuum_vacuum_scale_factor = 0.01);

-- Ids whose hold was freed because no command of theirs was journaled: they are refused for ever
-- (FUND-8).
create table burned_order (
  id uuid primary key,
  at_ms bigint not null
);
