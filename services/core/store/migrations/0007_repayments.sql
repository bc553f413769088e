-- What merchants have paid back goes the way of limits: it frees as much credit as a higher limit gives,
-- so that it needs two administrators above the same amount (S10). Its amount is in limit_minor, and
-- what the bank calls it in remark.
alter table credit_change
  drop constraint credit_change_kind_check,
  add constraint credit_change_kind_check check (kind in ('APPROVE', 'SET_LIMIT', 'REPAY')),
  -- the bank account that a payment came to
  add column bank text not null default '' check (bank = '' or kind = 'REPAY');
