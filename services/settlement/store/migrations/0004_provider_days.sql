-- On which day of UTC an attempt was counted against its provider's limit of a day; null for none.
alter table payout_attempt add column counted_on date;

-- What was counted on a day and has surely not been paid; less than nothing for what was paid after
-- all. It only ever gets rows, so that who writes down an outcome waits for nobody; who counts next
-- takes them into provider_day.
create table provider_day_return (
  provider text not null,
  day date not null,
  amount_minor numeric(39, 0) not null
);

create index provider_day_return_provider on provider_day_return (provider);
