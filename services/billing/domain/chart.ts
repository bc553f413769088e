import { derivedId, hexOf, ZERO_ID } from "#mesh/ids.ts";
import { AccountFlags, type NewAccount } from "./account.ts";
import type { Asset } from "./asset.ts";

/** The kinds of accounts (section 8 of the ledger's rules). */
export const AccountCodes = { USER_AVAILABLE: 100, SMS_REVENUE: 400, WORLD: 700 } as const;

/** Why money moves; from 100 on the callers of the ledger have their own reasons. */
export const TransferCodes = { CHARGE: 1, SMS: 2, SMS_REFUND: 3 } as const;

/** The asset that messages are paid in. */
export const SMS_ASSET = "IRR";

/** The spendable money of an owner, whose id is a UUID; it is never overdrawn. */
export function availableAccount(ownerId: string, { code, ledger }: Asset): NewAccount {
  return {
    id: accountId(`user/${ownerId.toLowerCase()}/available/${code}`),
    ledger,
    code: AccountCodes.USER_AVAILABLE,
    flags: AccountFlags.DEBITS_MUST_NOT_EXCEED_CREDITS,
    userData: hexOf(ownerId),
  };
}

/** What the house earns with messages. */
export function smsRevenueAccount({ ledger }: Asset): NewAccount {
  return houseAccount("revenue/sms", ledger, AccountCodes.SMS_REVENUE);
}

/** The world outside: the value that the operator vouches for. */
export function worldAccount({ code, ledger }: Asset): NewAccount {
  return houseAccount(`world/${code}`, ledger, AccountCodes.WORLD);
}

/** The accounts that have to be there before anybody else's. */
export function houseAccounts(assets: readonly Asset[]): NewAccount[] {
  const sms = assets.filter(({ code }) => code === SMS_ASSET);
  return [...sms.map(smsRevenueAccount), ...assets.map(worldAccount)];
}

/** An account that outside facts move carries no limit (ACC-7). */
function houseAccount(path: string, ledger: number, code: number): NewAccount {
  return { id: accountId(path), ledger, code, flags: 0, userData: ZERO_ID };
}

/** Any service computes the id of an account without a look-up (ACC-6). */
function accountId(path: string): string {
  return derivedId(`account/${path}`);
}
