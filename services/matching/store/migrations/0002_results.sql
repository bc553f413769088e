-- What the commands have led to, for those who ask: the journal alone decides.

-- The last batch of a shard whose rows are stored. It is noted in the transaction that stores them,
-- so that none is missed or stored twice. It has a row of its own, so that the journal need not wait.
create table engine_progress (
  shard integer primary key,
  batch bigint not null
) with (fillfactor = 20);
insert into engine_progress (shard, batch) values (0, 0);

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

-- Notes up to which batch the results are stored, which the same transaction stores, and stores
-- those that are not orders. A lock on the key of the shard hinders no batch, nor who takes it over;
-- that one may find more rows stored than it saw, and has to look again then.
create function engine_results(
  of_shard integer, of_epoch bigint, previous_batch bigint, new_batch bigint, new_at_ms bigint,
  trade_markets text[], trade_ids bigint[], trade_seqs bigint[], trade_ats_ms bigint[],
  trade_lots bigint[], taker_opens bigint[], maker_opens bigint[], trade_prices integer[],
  taker_sides order_side[], taker_orders uuid[], maker_orders uuid[], buyers uuid[],
  sellers uuid[], buyer_fees numeric[], seller_fees numeric[],
  release_holds uuid[], release_steps integer[], release_accounts uuid[], release_assets text[],
  release_amounts numeric[],
  progress_markets text[], progress_seqs bigint[], progress_trades bigint[],
  progress_messages bigint[],
  event_streams text[], event_ids uuid[], event_subjects text[], event_keys text[],
  event_seqs bigint[], event_payloads bytea[]
) returns void language plpgsql set plan_cache_mode = force_generic_plan as $$
begin
  perform from engine_shard where shard = of_shard and epoch = of_epoch for key share;
  if found then
    update engine_progress set batch = new_batch where shard = of_shard and batch = previous_batch;
  end if;
  if not found then
    raise exception 'Epoch % with rows up to batch % is not the writer of shard %.',
      of_epoch, previous_batch, of_shard using errcode = 'MZ001';
  end if;
  insert into trade (
    market, trade_id, seq, at_ms, lots, taker_open, maker_open, price, taker_side, taker_order,
    maker_order, buyer, seller, buyer_fee_minor, seller_fee_minor
  ) select
    unnest(trade_markets), unnest(trade_ids), unnest(trade_seqs), unnest(trade_ats_ms),
    unnest(trade_lots), unnest(taker_opens), unnest(maker_opens), unnest(trade_prices),
    unnest(taker_sides), unnest(taker_orders), unnest(maker_orders), unnest(buyers),
    unnest(sellers), unnest(buyer_fees), unnest(seller_fees);
  insert into release (hold_id, step, account_id, asset, amount_minor, created_ms)
    select unnest(release_holds), unnest(release_steps), unnest(release_accounts),
      unnest(release_assets), unnest(release_amounts), new_at_ms
    on conflict do nothing; -- the ledger, too, makes a release of a hold once
  insert into market_progress (market, seq, trade_id, messages)
    select unnest(progress_markets), unnest(progress_seqs), unnest(progress_trades),
      unnest(progress_messages)
    on conflict (market) do update set seq = excluded.seq, trade_id = excluded.trade_id,
      messages = excluded.messages;
  insert into outbox (stream, event_id, subject, key, seq, payload)
    select unnest(event_streams), unnest(event_ids), unnest(event_subjects), unnest(event_keys),
      unnest(event_seqs), unnest(event_payloads);
end
$$;

-- Stores orders that are new.
create function engine_new_orders(
  ids uuid[], states order_state[], prices integer[], reserve_prices integer[],
  stop_prices integer[], all_lots bigint[], remainings bigint[], all_filled_lots bigint[],
  all_filled_units bigint[], all_taker_lots bigint[], all_taker_units bigint[],
  all_prevented_lots bigint[], hold_steps integer[], all_releases integer[], seqs bigint[],
  updated_ats_ms bigint[], fees_minor numeric[], helds_minor numeric[], reasons text[],
  accounts uuid[], markets text[], client_order_ids text[], request_hashes bytea[], holds uuid[],
  linkeds uuid[], triggers uuid[], places bigint[], created_ats_ms bigint[],
  expire_ats_ms bigint[], all_limit_units bigint[], all_visible_lots bigint[],
  maker_per_lots bigint[], taker_per_lots bigint[], maker_ppms integer[], taker_ppms integer[],
  sides order_side[], types order_type[], times_in_force time_in_force[],
  stps self_trade_prevention[], post_onlys boolean[], quotes_minor numeric[]
) returns void language plpgsql set plan_cache_mode = force_generic_plan as $$
begin
  insert into orders (
    id, state, price, reserve_price, stop_price, lots, remaining, filled_lots, filled_units,
    taker_lots, taker_units, prevented_lots, hold_step, releases, seq, updated_ms, fee_minor,
    held_minor, reason, account_id, market, client_order_id, request_hash, hold_id, linked_id,
    trigger_id, place, created_ms, expire_ms, limit_units, visible_lots, maker_per_lot,
    taker_per_lot, maker_ppm, taker_ppm, side, type, time_in_force, stp, post_only, quote_minor
  ) select
    unnest(ids), unnest(states), unnest(prices), unnest(reserve_prices), unnest(stop_prices),
    unnest(all_lots), unnest(remainings), unnest(all_filled_lots), unnest(all_filled_units),
    unnest(all_taker_lots), unnest(all_taker_units), unnest(all_prevented_lots),
    unnest(hold_steps), unnest(all_releases), unnest(seqs), unnest(updated_ats_ms),
    unnest(fees_minor), unnest(helds_minor), unnest(reasons), unnest(accounts), unnest(markets),
    unnest(client_order_ids), unnest(request_hashes), unnest(holds), unnest(linkeds),
    unnest(triggers), unnest(places), unnest(created_ats_ms), unnest(expire_ats_ms),
    unnest(all_limit_units), unnest(all_visible_lots), unnest(maker_per_lots),
    unnest(taker_per_lots), unnest(maker_ppms), unnest(taker_ppms), unnest(sides), unnest(types),
    unnest(times_in_force), unnest(stps), unnest(post_onlys), unnest(quotes_minor)
    on conflict (id) do nothing; -- the first order of an id stands
end
$$;

-- Stores how orders are now that were stored before. Each is found by its id, however few or many
-- there are when the plan is made.
create function engine_changed_orders(
  ids uuid[], states order_state[], prices integer[], reserve_prices integer[],
  stop_prices integer[], all_lots_more bigint[], remainings bigint[], all_filled_lots bigint[],
  all_filled_units bigint[], all_taker_lots bigint[], all_taker_units bigint[],
  all_prevented_more bigint[], hold_steps integer[], all_releases integer[], seqs bigint[],
  updated_ats_ms bigint[], fees_minor numeric[], helds_minor numeric[], reasons text[]
) returns void language plpgsql
set plan_cache_mode = force_generic_plan set enable_hashjoin = off set enable_mergejoin = off
set enable_seqscan = off as $$
declare
  changed integer;
begin
  update orders set state = coalesce(now.state, orders.state), price = now.price,
      reserve_price = now.reserve_price,
      stop_price = case when now.stop_price < 0 then orders.stop_price else now.stop_price end,
      lots = orders.lots + now.lots_more, remaining = now.remaining, filled_lots = now.filled_lots,
      filled_units = now.filled_units, taker_lots = now.taker_lots,
      taker_units = now.taker_units,
      prevented_lots = orders.prevented_lots + now.prevented_more,
      hold_step = greatest(orders.hold_step, now.hold_step), releases = now.releases,
      seq = now.seq, updated_ms = now.updated_ms, fee_minor = now.fee_minor,
      held_minor = now.held_minor, reason = now.reason
    from (select
      unnest(ids) as id, unnest(states) as state, unnest(prices) as price,
      unnest(reserve_prices) as reserve_price, unnest(stop_prices) as stop_price,
      unnest(all_lots_more) as lots_more, unnest(remainings) as remaining,
      unnest(all_filled_lots) as filled_lots, unnest(all_filled_units) as filled_units,
      unnest(all_taker_lots) as taker_lots, unnest(all_taker_units) as taker_units,
      unnest(all_prevented_more) as prevented_more, unnest(hold_steps) as hold_step,
      unnest(all_releases) as releases, unnest(seqs) as seq, unnest(updated_ats_ms) as updated_ms,
      unnest(fees_minor) as fee_minor, unnest(helds_minor) as held_minor,
      unnest(reasons) as reason
    ) now
    where orders.id = now.id;
  get diagnostics changed = row_count;
  if changed <> cardinality(ids) then
    raise exception 'Only % of % changed orders are stored.', changed, cardinality(ids)
      using errcode = 'MZ002';
  end if;
end
$$;
