-- What one writes without a book in memory: one transaction an order. The request's row keeps its key;
-- the market's row is locked, so that orders are matched one after the other; balances are locked,
-- checked and changed, the best orders of the other side are taken row by row, and every movement of
-- money is an entry. Fees are a thousandth of what is paid, rounded up, for each fill and side.

create schema classic;

create table classic.market (
  id int primary key
);
insert into classic.market values (1);

create table classic.balance (
  user_id uuid not null,
  asset text not null,
  available bigint not null check (available >= 0),
  held bigint not null default 0 check (held >= 0),
  primary key (user_id, asset)
) with (fillfactor = 50);

create table classic.placed (
  id uuid primary key,
  place bigint generated always as identity,
  user_id uuid not null,
  is_buy boolean not null,
  price bigint not null,
  lots bigint not null,
  open bigint not null check (open between 0 and lots),
  held bigint not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
) with (fillfactor = 70);
create index classic_bids on classic.placed (price desc, place) where is_buy and open > 0;
create index classic_asks on classic.placed (price, place) where not is_buy and open > 0;
create index classic_placed_user on classic.placed (user_id, place);

create table classic.request (
  user_id uuid not null,
  key text not null,
  order_id uuid not null,
  created_at timestamptz not null default now(),
  primary key (user_id, key)
);

create table classic.trade (
  id bigint generated always as identity primary key,
  price bigint not null,
  lots bigint not null,
  taker_id uuid not null,
  maker_id uuid not null,
  created_at timestamptz not null default now()
);

create table classic.entry (
  id bigint generated always as identity primary key,
  order_id uuid not null,
  user_id uuid not null,
  asset text not null,
  amount bigint not null,
  created_at timestamptz not null default now()
);

-- One fill: money and goods change hands, out of what is held.
create function classic.fill(taker classic.placed, maker classic.placed, of_lots bigint) returns void
language plpgsql as $$
declare
  buy classic.placed := case when taker.is_buy then taker else maker end;
  sell classic.placed := case when taker.is_buy then maker else taker end;
  cost bigint := maker.price * of_lots;
  fee bigint := (cost + 999) / 1000;
  reserved bigint := buy.price * of_lots + (buy.price * of_lots + 999) / 1000;
begin
  insert into classic.trade (price, lots, taker_id, maker_id)
    values (maker.price, of_lots, taker.id, maker.id);
  update classic.balance set held = held - reserved, available = available + reserved - cost - fee
    where user_id = buy.user_id and asset = 'USDT';
  update classic.balance set available = available + of_lots
    where user_id = buy.user_id and asset = 'ABAN';
  update classic.balance set held = held - of_lots
    where user_id = sell.user_id and asset = 'ABAN';
  update classic.balance set available = available + cost - fee
    where user_id = sell.user_id and asset = 'USDT';
  insert into classic.entry (order_id, user_id, asset, amount) values
    (buy.id, buy.user_id, 'USDT', -cost), (sell.id, sell.user_id, 'USDT', cost),
    (sell.id, sell.user_id, 'ABAN', -of_lots), (buy.id, buy.user_id, 'ABAN', of_lots),
    (buy.id, buy.user_id, 'USDT', -fee), (sell.id, sell.user_id, 'USDT', -fee);
  update classic.placed set open = open - of_lots, updated_at = now() where id = maker.id;
end
$$;

-- Places a limit order; what is left of it, or null for a key that was used and for too little money.
create function classic.place(
  of_id uuid, of_user uuid, to_buy boolean, of_price bigint, of_lots bigint, of_key text
) returns bigint language plpgsql as $$
declare
  needed bigint := case when to_buy
    then of_price * of_lots + (of_price * of_lots + 999) / 1000 else of_lots end;
  given text := case when to_buy then 'USDT' else 'ABAN' end;
  taker classic.placed;
  maker classic.placed;
  taken bigint;
begin
  insert into classic.request values (of_user, of_key, of_id) on conflict do nothing;
  if not found then return null; end if;
  perform from classic.market where id = 1 for update;
  update classic.balance set available = available - needed, held = held + needed
    where user_id = of_user and asset = given and available >= needed;
  if not found then return null; end if;
  insert into classic.placed (id, user_id, is_buy, price, lots, open, held)
    values (of_id, of_user, to_buy, of_price, of_lots, of_lots, needed) returning * into taker;
  while taker.open > 0 loop
    if to_buy then
      select * into maker from classic.placed
        where not is_buy and open > 0 and price <= of_price order by price, place limit 1 for update;
    else
      select * into maker from classic.placed
        where is_buy and open > 0 and price >= of_price order by price desc, place limit 1 for update;
    end if;
    exit when not found;
    taken := least(taker.open, maker.open);
    perform classic.fill(taker, maker, taken);
    taker.open := taker.open - taken;
  end loop;
  if taker.open < of_lots then
    update classic.placed set open = taker.open, updated_at = now() where id = of_id;
  end if;
  return taker.open;
end
$$;
