import { derivedId, uuidOf } from "#mesh/ids.ts";
import { type Account, AccountFlags } from "./account.ts";
import type { Asset } from "./asset.ts";
import { AccountCodes as Codes } from "./chart.ts";
import type { Monitor } from "./monitor.ts";
import { kindName } from "./proof.ts";

/**
 * The watch over the sign of an account of the house (ACC-7). It has no limit, since what has
 * happened has to be booked; undefined for all other accounts.
 */
export function signMonitorOf(account: Readonly<Account>, asset: Asset): Monitor | undefined {
  const { id, slot, code, flags, createdAtUs } = account;
  const isLimited = (flags & AccountFlags.DEBITS_MUST_NOT_EXCEED_CREDITS) !== 0;
  if (isLimited || (!credited.has(code) && !debited.has(code))) return undefined;
  return {
    id: uuidOf(derivedId(`monitor/sign/${id}`)),
    slot,
    field: "posted",
    direction: debited.has(code) ? "above" : "below",
    boundMinor: 0n,
    name: `Overdraft of ${kindName(code)} in ${asset.code}`,
    createdAtUs,
    isBeyond: false,
  };
}

/** Their balance is c less d. */
const credited: ReadonlySet<number> = new Set([
  Codes.DESK_AVAILABLE,
  Codes.DESK_IN_ORDERS,
  Codes.BANK_OUT,
  Codes.BANK_IN,
  Codes.CHAIN_OUT,
  Codes.CHAIN_IN,
  Codes.SMS_REVENUE,
  Codes.TRADING_FEES,
  Codes.WITHDRAWAL_FEES,
  Codes.PAYOUT_FEES,
  Codes.OPERATOR,
]);

/** Their balance is d less c. */
const debited: ReadonlySet<number> = new Set([
  Codes.CREDIT_ISSUER,
  Codes.NETWORK_FEES_PAID,
  Codes.REORG_LOSS,
  Codes.PAYOUT_FEES_PAID,
  Codes.BANK_CUSTODY,
  Codes.CHAIN_CUSTODY,
  Codes.EXCHANGE_CUSTODY,
  Codes.WORLD,
]);
