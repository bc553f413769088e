-- What was answered under the key of a request, written with its effect. Keys are unique over all
-- time that is kept, so the parts go by the key and not by the day (L17).
create table idempotency (
  principal text not null,
  method text not null,
  key text not null,
  -- SHA-256 of the canonical request
  hash bytea not null,
  -- 0: the reply is the response; else the code of the error that the reply is
  code smallint,
  reply bytea,
  created_at timestamptz not null default now(),
  primary key (principal, method, key)
) partition by hash (principal, method, key);

create table idempotency_0 partition of idempotency for values with (modulus 4, remainder 0);
create table idempotency_1 partition of idempotency for values with (modulus 4, remainder 1);
create table idempotency_2 partition of idempotency for values with (modulus 4, remainder 2);
create table idempotency_3 partition of idempotency for values with (modulus 4, remainder 3);

create index idempotency_created_at on idempotency (created_at);
