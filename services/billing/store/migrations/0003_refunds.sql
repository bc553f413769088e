-- Finds the refunds of a hold, whose id is their user_data, to sum them up (FLOW-5). It has nothing
-- of other transfers: 3 is the code of refunds.
create index transfer_refund on transfer (user_data) where code = 3;
