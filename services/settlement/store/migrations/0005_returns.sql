-- When a bank is asked next whether it has sent a payout back, since a line says that money came in
-- with the payout's reference; null when there is nothing to ask. And how often it was in vain.
alter table statement_difference add column ask_at timestamptz;
alter table statement_difference add column ask_tries smallint not null default 0;

create index statement_difference_ask on statement_difference (provider, ask_at)
  where ask_at is not null;

update statement_difference set ask_at = now()
where kind = 'EXTRA' and is_incoming and not is_settled and exists (
  select from payout
  where payout.id = payout_id and state = 'SUCCEEDED'
    and payout.provider = statement_difference.provider);
