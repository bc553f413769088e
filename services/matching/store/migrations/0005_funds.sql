-- Extra holds of amendments that no amendment uses: those that were refused by the ledger, or after
-- the ledger had made them. Their numbers are not given again.
create table unused_hold (
  hold_id uuid not null,
  -- the number of the extra hold, from 1
  step integer not null,
  at_ms bigint not null,
  primary key (hold_id, step)
);

-- Up to where the holds on the ledger were compared with the orders here (FUND-8), by the ledger's
-- clock.
create table orphan_sweep (
  shard integer primary key,
  until_ms bigint not null
);
