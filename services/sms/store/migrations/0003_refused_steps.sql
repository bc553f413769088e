-- Steps that the ledger has refused for good, kept aside so that they hold nobody up. They are
-- tried again for a while; then an operator has to look, and sets due_at to have them tried anew.
create table refused_step (
  -- that of the step
  id bigint primary key,
  kind ledger_step_kind not null,
  hold_id uuid not null,
  message_id uuid,
  amount bigint,
  reference text not null,
  created_at timestamptz not null,
  -- the ledger's, such as HOLD_EXPIRED
  reason text not null,
  attempts smallint not null default 1,
  -- when it is tried again; null when it is not
  due_at timestamptz
);

create index refused_step_due on refused_step (due_at) where due_at is not null;
