-- The signed heads of the ledger's hash chain, as billing tells of them: whoever makes history anew
-- in the database of billing can't change them here. Two that contradict each other both stay.
create table ledger_head (
  shard integer not null,
  seq bigint not null,
  hash bytea not null check (length(hash) = 32),
  signed_at_us bigint not null,
  key_id text not null,
  signature bytea not null,
  kept_at timestamptz(3) not null default now(),
  primary key (shard, seq, hash)
);
create index ledger_head_signed on ledger_head (shard, signed_at_us);

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'Rows of % are never changed or deleted.', tg_table_name
    using errcode = 'insufficient_privilege';
end
$$;
create trigger append_only before update or delete or truncate on ledger_head
  for each statement execute function refuse_change();
