-- What an administrator has said of an earlier version of a payout stays for those who look: who let it go
-- may say later how it ended.
alter table payout_opinion drop constraint payout_opinion_pkey;
alter table payout_opinion add primary key (payout_id, person_id, version);
