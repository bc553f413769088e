-- A limit is a right, not money: credit lines count in a ledger of their own.
insert into asset (ledger, code, scale) values (6, 'IRR.credit', 2);

-- What was put into the pool (5 is the code of that), to sum it up.
create index transfer_pool_topup on transfer (at_us) include (amount, reverts_at_us) where code = 5;

-- Movements of money that one administrator has asked for and another one has to agree to (S10). A
-- row says who asked, who decided, and when; it is changed once, by the decision.
create table approval (
  id uuid primary key,
  movement_id uuid not null,
  method text not null,
  requested_by text not null,
  ledger integer not null references asset,
  amount numeric(39, 0) not null check (amount > 0),
  -- the id of a user, or 'pool'
  beneficiary text not null,
  bank text not null,
  reference text not null check (length(reference) between 1 and 140),
  requested_at_us bigint not null,
  state text not null check (state in ('pending', 'approved', 'rejected')),
  decided_by text,
  decided_at_us bigint,
  -- There is no approval without the transfer that it allows; both come with one commit.
  transfer_id uuid references transfer_id deferrable initially deferred,
  check ((state = 'pending') = (decided_by is null)),
  check ((state = 'pending') = (decided_at_us is null)),
  check ((state = 'approved') = (transfer_id is not null)),
  constraint two_persons check (state <> 'approved' or decided_by <> requested_by)
);
create index approval_newest on approval (requested_at_us, id);
create index approval_newest_of_state on approval (state, requested_at_us, id);

create trigger decided_once before update on approval for each row
  when (old.state <> 'pending' or (new.id, new.movement_id, new.method, new.requested_by, new.ledger,
      new.amount, new.beneficiary, new.bank, new.reference, new.requested_at_us)
    is distinct from (old.id, old.movement_id, old.method, old.requested_by, old.ledger,
      old.amount, old.beneficiary, old.bank, old.reference, old.requested_at_us))
  execute function refuse_change();
create trigger never_deleted before delete or truncate on approval
  for each statement execute function refuse_change();
revoke delete on approval from mizan_billing;

-- Who has moved money by hand and why, written with the transfer (S10).
create table movement (
  transfer_id uuid primary key references transfer_id deferrable initially deferred,
  at_us bigint not null,
  method text not null,
  requested_by text not null,
  -- the second administrator, where one was needed
  approved_by text check (approved_by <> requested_by),
  reference text not null
);
create index movement_newest on movement (at_us);
select make_append_only('movement');
