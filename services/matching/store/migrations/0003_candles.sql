-- What trades come to, folded from their rows: they can be made anew at any time (FEED-6). Prices
-- are ticks, quantities lots, units ticks times lots.
create type candle_interval as enum (
  '1s', '1m', '3m', '5m', '15m', '30m', '1h', '4h', '1d', '1w', '1M');

create table candle (
  market text not null,
  interval candle_interval not null,
  open_ms bigint not null,
  first_id bigint not null,
  last_id bigint not null,
  trades bigint not null,
  open integer not null,
  high integer not null,
  low integer not null,
  close integer not null,
  lots numeric(39, 0) not null,
  units numeric(39, 0) not null,
  primary key (market, interval, open_ms)
) with (fillfactor = 80);

-- Up to which trade the candles of each market are folded.
create table candle_progress (
  market text primary key,
  trade_id bigint not null
) with (fillfactor = 50);
