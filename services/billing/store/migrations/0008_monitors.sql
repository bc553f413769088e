-- Watches over balances (EXT-6). Whether a balance is beyond its bound changes with the commit that
-- took it there, as does the event that tells of it.
create table balance_monitor (
  id uuid primary key,
  slot bigint not null references account,
  field text not null check (field in ('posted', 'available', 'incoming')),
  direction text not null check (direction in ('below', 'above')),
  bound numeric(40, 0) not null,
  name text not null,
  created_at_us bigint not null,
  is_beyond boolean not null
);
create index balance_monitor_oldest on balance_monitor (created_at_us, id);
