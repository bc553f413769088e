-- The hash chain over the transfers, in blocks (WR-9, L19); docs/ledger.md says how it is made. A
-- block follows the one before without a gap, so each has one successor at most: of two who seal
-- at the same time one is refused.
create table seal (
  first_seq bigint not null,
  last_seq bigint not null,
  last_at_us bigint not null,
  -- the last account that the chain has
  last_slot bigint not null,
  shard integer not null,
  -- of the last transfer, SHA-256
  hash bytea not null check (length(hash) = 32),
  -- the first 8 bytes of the hash of each transfer, so that the first one that differs has a name
  checks bytea not null,
  primary key (shard, first_seq),
  check (last_seq >= first_seq and length(checks) = 8 * (last_seq - first_seq + 1))
);
alter table seal alter checks set storage external; -- what is random can't be compressed

-- The hashes that were signed. Others keep them as well, so that they can't be made anew in silence.
create table chain_head (
  seq bigint not null,
  signed_at_us bigint not null,
  shard integer not null,
  hash bytea not null check (length(hash) = 32),
  key_id text not null,
  signature bytea not null,
  primary key (shard, seq)
);
create index chain_head_signed on chain_head (shard, signed_at_us);

select make_append_only(name::regclass) from unnest(array['seal', 'chain_head']) name;
