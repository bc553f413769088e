-- What a provider says of one day of UTC. It may come in parts, which are one statement.
create table statement (
  id uuid primary key,
  provider text not null,
  day date not null,
  line_count int not null default 0,
  created_at timestamptz not null default now(),
  -- when its last part came
  updated_at timestamptz not null default now(),
  -- how many open differences administrators were told of
  told_count int not null default 0,
  unique (provider, day)
);

-- The lines of all statements, kept for ever. There is no foreign key: a million lines a day would
-- each pay for it, and the transaction that writes them has written the statement.
create table statement_line (
  provider text not null,
  -- the provider's name for the line: the same line again is known by it
  line_id text collate "C" not null,
  statement_id uuid not null,
  -- the payout whose reference it carries; null when that is none of ours
  payout_id uuid,
  is_incoming boolean not null,
  amount_minor numeric(39, 0) not null check (amount_minor > 0),
  booked_at timestamptz not null,
  reference text not null,
  primary key (provider, line_id)
);

create index statement_line_payout on statement_line (payout_id, provider)
  where payout_id is not null;

-- What we have paid and no statement has shown yet. Most lines find their payout here, and take it
-- away; what stays is missing on the statements.
create table awaited_payment (
  reference text collate "C" primary key,
  payout_id uuid not null,
  provider text not null,
  amount_minor numeric(39, 0) not null,
  paid_at timestamptz not null
) with (autovacuum_vacuum_scale_factor = 0.02);

create index awaited_payment_paid on awaited_payment (provider, paid_at);

-- A payout may succeed by the bank's answer, by a call-back, or by what administrators have found
-- out; whichever it is, a statement has to show it.
create function await_payment() returns trigger language plpgsql as $$
begin
  insert into awaited_payment (reference, payout_id, provider, amount_minor, paid_at)
  select our_ref, new.id, new.provider, new.amount_minor, new.paid_at
  from payout_attempt where payout_id = new.id and provider = new.provider
  on conflict do nothing;
  return null;
end $$;

create trigger await_payment after update on payout for each row
  when (new.state = 'SUCCEEDED' and old.state <> 'SUCCEEDED')
  execute function await_payment();

create type difference_kind as enum ('MISSING', 'EXTRA', 'AMOUNT_DIFFERS');

-- Where statements and payouts do not agree: one row for a line, or for a payout that is missing.
create table statement_difference (
  id bigint generated always as identity primary key,
  statement_id uuid not null references statement,
  provider text not null,
  kind difference_kind not null,
  is_incoming boolean not null default false,
  -- whether what came later has explained it
  is_settled boolean not null default false,
  payout_id uuid,
  -- the version that the payout had when it was compared; null once it can't change any more
  payout_version int,
  line_id text collate "C",
  reference text not null,
  our_amount_minor numeric(39, 0),
  statement_amount_minor numeric(39, 0),
  created_at timestamptz not null default now(),
  check ((line_id is null) = (kind = 'MISSING'))
);

create unique index statement_difference_line on statement_difference (provider, line_id)
  where line_id is not null;
create unique index statement_difference_missing on statement_difference (payout_id)
  where kind = 'MISSING';
-- what is open: of a statement, of a provider, of all
create index statement_difference_statement on statement_difference (statement_id, kind, id)
  where not is_settled;
create index statement_difference_provider on statement_difference (provider, kind, id)
  where not is_settled;
create index statement_difference_open on statement_difference (id) where not is_settled;
-- what has to be compared again when the payout changes
create index statement_difference_passing on statement_difference (id)
  where payout_version is not null;

-- What the ledger has to be told, until it has it. The path names the transfer for ever (TRF-8), so
-- that it is made once however often it is asked for.
create table booking (
  path text collate "C" primary key,
  provider text not null,
  -- the payout that a line of the statement has shown; null for money that came in
  payout_id uuid,
  amount_minor numeric(39, 0) not null,
  reference text not null default '',
  due_at timestamptz not null default now(),
  tries smallint not null default 0,
  -- what the ledger has answered last; empty before that
  status text not null default ''
) with (autovacuum_vacuum_scale_factor = 0.02);

create index booking_due on booking (due_at);

-- When administrators were told last that payouts are on no statement for too long.
create table overdue_notice (
  provider text primary key,
  told_at timestamptz not null
);
