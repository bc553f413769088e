create type message_state as enum (
  'ACCEPTED', 'SCHEDULED', 'QUEUED', 'SENDING', 'SENT', 'UNCERTAIN', 'PARTIALLY_DELIVERED',
  'DELIVERED', 'UNDELIVERED', 'FAILED', 'CANCELLED', 'EXPIRED', 'REJECTED');
create type charge_state as enum ('NONE', 'RESERVED', 'CAPTURED', 'RELEASED', 'REFUNDED');
create type lane as enum ('EXPRESS', 'BULK');
create type encoding as enum ('GSM7', 'UCS2');
create type traffic_class as enum ('OTP', 'TRANSACTIONAL', 'PROMOTIONAL');
create type failure_reason as enum (
  'INVALID_NUMBER', 'OPERATOR_BLACKLIST', 'PREFIX_BLOCKED', 'NOT_REACHED_OPERATOR',
  'PROVIDER_REJECTED', 'NO_RECEIPT', 'PARTIAL_RECEIPT', 'UNKNOWN_OUTCOME', 'NO_ROUTE', 'OPTED_OUT',
  'INSUFFICIENT_FUNDS', 'CHECK_REJECTED', 'ABANDONED', 'INTERNAL');

-- The numbers that providers know messages by (PROV-2): 63 bits, never used twice.
create sequence message_ref;

-- A text to one receiver. Its id is a UUIDv7, so the order of the ids is that of the acceptances,
-- and the id alone selects the day (DATA-1).
create table message (
  id uuid primary key,
  -- whose hold pays for it, and which of whose texts it is
  chunk_id uuid not null,
  account_id uuid not null,
  ref bigint not null default nextval('message_ref'),
  -- of all segments, in minor units, fixed at the acceptance (RATE-3)
  price bigint not null,
  expires_at timestamptz not null,
  -- by when an express message is promised to be at the operator (LANE-1)
  promised_at timestamptz,
  queued_at timestamptz,
  sent_at timestamptz,
  ended_at timestamptz,
  updated_at timestamptz not null default now(),
  state message_state not null default 'ACCEPTED',
  charge charge_state not null default 'NONE',
  failure failure_reason,
  lane lane not null,
  traffic_class traffic_class not null,
  encoding encoding not null,
  text_number smallint not null,
  segments smallint not null,
  attempts smallint not null default 0,
  revision int not null default 1,
  -- in the form of E.164, without the plus
  receiver text not null,
  sender text not null,
  -- as the number tells; empty when unknown
  operator text not null,
  provider text,
  provider_id text,
  -- what the provider says that it cost us (RATE-5), and how many parts it counted (SEG-11)
  provider_tariff text,
  provider_parts smallint,
  client_reference text,
  tags text[]
) partition by range (id);

create index message_account on message (account_id, id);
create index message_provider on message (provider_id, provider) where provider_id is not null;

-- Messages that one hold pays for, up to 100 (MON-7), and their texts, each of them once.
create table chunk (
  id uuid primary key,
  account_id uuid not null,
  rate_card int not null,
  -- where the money of the hold is, whose id is that of the chunk
  charge charge_state not null default 'NONE',
  -- the messages whose price is reserved, and the sum of it, in minor units
  open_count smallint not null default 0,
  open_amount bigint not null default 0,
  message_ids uuid[] not null,
  texts text[] not null
) partition by range (id);

-- What is to be done with messages of a chunk next, and when. The truth of the lanes (N7): the
-- streams carry pointers to these rows. A task is deleted when all of its messages have ended.
create type task_stage as enum ('ACCEPTED', 'QUEUED', 'SENDING', 'UNCERTAIN', 'SENT');

create table task (
  id uuid primary key,
  chunk_id uuid not null,
  lane lane not null,
  stage task_stage not null default 'ACCEPTED',
  -- ACCEPTED: given up. QUEUED: published again. SENDING: the lease is over. UNCERTAIN: the
  -- provider is asked. SENT: receipts are asked for.
  due_at timestamptz not null,
  -- how often it was handed to a provider
  attempt smallint not null default 0,
  -- how often the provider was asked in this stage, and how often it knew nothing in a row (FO-4)
  asked smallint not null default 0,
  not_found smallint not null default 0,
  -- when it was handed to a provider last, and to which
  taken_at timestamptz,
  provider text,
  -- those of the chunk that it is about; null for all
  message_ids uuid[],
  -- while ACCEPTED: all tasks of the request, and the key of it: principal, method, key (MON-4)
  request_tasks uuid[],
  request_key text[]
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.01);

create index task_due on task (stage, due_at);

-- What the ledger is still to be told: each row is repeated until it was heard (MON-5, MON-8).
create type ledger_step_kind as enum ('CAPTURE', 'RELEASE', 'REFUND');

create table ledger_step (
  id bigint generated always as identity primary key,
  kind ledger_step_kind not null,
  hold_id uuid not null,
  -- REFUND: the message, which names the refund
  message_id uuid,
  -- in minor units; null for the whole hold
  amount bigint,
  reference text not null default '',
  created_at timestamptz not null default clock_timestamp()
) with (autovacuum_vacuum_scale_factor = 0.01);

-- What providers told us of messages, as it came (DLR-1). The parts are the days of a ring.
create type receipt_state as enum ('DELIVERED', 'UNDELIVERED', 'SENT', 'FAILED');
create type receipt_outcome as enum ('APPLIED', 'DUPLICATE', 'LATE', 'UNMATCHED');
create sequence receipt_id;

create table receipt (
  slot smallint not null default (extract(epoch from now())::bigint / 86400 % 4),
  id bigint not null default nextval('receipt_id'),
  provider text not null,
  provider_id text not null,
  state receipt_state not null,
  received_at timestamptz not null default clock_timestamp(),
  -- when it is looked at next; null when it is done with
  due_at timestamptz default now(),
  outcome receipt_outcome,
  message_id uuid,
  primary key (slot, id)
) partition by list (slot);

create table receipt_0 partition of receipt for values in (0)
  with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.01);
create table receipt_1 partition of receipt for values in (1)
  with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.01);
create table receipt_2 partition of receipt for values in (2)
  with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.01);
create table receipt_3 partition of receipt for values in (3)
  with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.01);

create index receipt_due on receipt (due_at) where due_at is not null;

-- What is out of the ordinary in the life of a message: retries, doubts, late receipts (ST-2).
create table message_note (
  message_id uuid not null,
  at timestamptz not null default clock_timestamp(),
  kind text not null,
  detail text not null default ''
) partition by range (message_id);

create index message_note_message on message_note (message_id, at);

-- What a segment costs (RATE-1). A version is never changed (RATE-3).
create table rate_card (
  version int primary key,
  valid_from timestamptz not null,
  rates jsonb not null
);

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'a rate card is never changed; insert a new version';
end
$$;

create trigger rate_card_is_for_good before update or delete on rate_card
  for each row execute function refuse_change();

insert into rate_card (version, valid_from, rates) values
  (1, '2026-01-01', '[{"lane": "EXPRESS", "price": "1500"}, {"price": "1000"}]');

-- The smallest UUIDv7 of a time (RFC 9562 §5.7).
create function first_id(at timestamptz) returns uuid language sql immutable as $$
  select rpad(lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0'), 32, '0')::uuid
$$;
