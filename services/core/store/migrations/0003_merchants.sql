-- Who withdraws against credit: a person with the role MERCHANT. What may be used is the ledger's to
-- know; the limit here is the one that was given last.
create table merchant (
  id uuid primary key references person (id),
  state text not null default 'PENDING'
    check (state in ('PENDING', 'ACTIVE', 'REJECTED', 'SUSPENDED')),
  requested_credit_minor numeric(39, 0) not null default 0 check (requested_credit_minor >= 0),
  credit_limit_minor numeric(39, 0) check (credit_limit_minor >= 0),
  -- as the merchant wrote it; empty when the bank knows the merchant by the account on the ledger
  bank_account text not null default '',
  -- why it was rejected or suspended
  reason text not null default '',
  -- the administrator who has changed it last
  decided_by uuid,
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now(),
  check (state in ('PENDING', 'REJECTED') or credit_limit_minor is not null)
);
-- ids are in the order of registration
create index merchant_of_state on merchant (state, id desc);

-- Limits that administrators have set: who has asked, who has agreed, and why, before the ledger is
-- told (S10). A crash leaves a row that says what is still to do. ASKED waits for a second
-- administrator, AGREED for the ledger.
create table credit_change (
  id uuid primary key,
  merchant_id uuid not null references merchant (id),
  kind text not null check (kind in ('APPROVE', 'SET_LIMIT')),
  limit_minor numeric(39, 0) not null check (limit_minor >= 0),
  remark text not null,
  request_key text not null,
  requested_by uuid not null,
  approved_by uuid check (approved_by <> requested_by),
  state text not null check (state in ('ASKED', 'AGREED', 'DONE', 'REFUSED')),
  -- why the ledger has refused it, and the values of that reason
  refusal jsonb check ((state = 'REFUSED') = (refusal is not null)),
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now()
);
-- one at a time, so that the limit here and the one on the ledger come in the same order
create unique index credit_change_open on credit_change (merchant_id) where state = 'AGREED';
create index credit_change_key on credit_change (request_key);
create trigger never_deleted before delete or truncate on credit_change
  for each statement execute function refuse_change();
