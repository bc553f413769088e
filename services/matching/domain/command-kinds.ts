// Places in COMMAND_KINDS: what a record has as its kind.

export const ACCOUNT = 0;
export const TIER = 1;
export const MARKET = 2;
export const STATE = 3;
export const PLACE = 4;
export const OCO = 5;
export const CANCEL = 6;
export const REDUCE = 7;
export const AMEND = 8;
export const REPLACE = 9;
export const CANCEL_ALL = 10;
export const EXPIRE = 11;
