-- Finds the withdrawal that came back, whose id is the user_data, to sum it up (FLOW-12). It has
-- nothing of other transfers: 20 is the code of returns.
create index transfer_return on transfer (user_data) where code = 20;
