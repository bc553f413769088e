import { derivedId, hexOf, ZERO_ID } from "#mesh/ids.ts";
import { AccountFlags, type NewAccount } from "./account.ts";
import type { Asset } from "./asset.ts";

/** The kinds of accounts (section 8 of the ledger's rules). */
export const AccountCodes = {
  USER_AVAILABLE: 100,
  USER_IN_ORDERS: 101,
  DESK_AVAILABLE: 110,
  DESK_IN_ORDERS: 111,
  MERCHANT_CREDIT: 200,
  MERCHANT_CREDIT_USED: 201,
  CREDIT_ISSUER: 202,
  POOL_AVAILABLE: 210,
  BANK_OUT: 300,
  BANK_IN: 301,
  CHAIN_OUT: 302,
  CHAIN_IN: 303,
  SMS_REVENUE: 400,
  TRADING_FEES: 401,
  WITHDRAWAL_FEES: 402,
  PAYOUT_FEES: 403,
  OPERATOR: 410,
  NETWORK_FEES_PAID: 500,
  REORG_LOSS: 501,
  PAYOUT_FEES_PAID: 502,
  BANK_CUSTODY: 600,
  CHAIN_CUSTODY: 601,
  EXCHANGE_CUSTODY: 602,
  WORLD: 700,
} as const;

/** Why money moves; the services have theirs from 20 on, other callers of the ledger from 100. */
export const TransferCodes = {
  CHARGE: 1,
  SMS: 2,
  SMS_REFUND: 3,
  GRANT: 4,
  POOL_TOPUP: 5,
  MERCHANT_WITHDRAWAL: 6,
  PAYOUT_FEE: 7,
  ORDER: 8,
  TRADE: 9,
  TRADING_FEE: 10,
  PURCHASE: 11,
  CHAIN_WITHDRAWAL: 12,
  WITHDRAWAL_FEE: 13,
  PAYOUT_STATEMENT: 14,
  REVERSAL: 15,
  MERCHANT_RETURN: 20,
  MERCHANT_REPAYMENT: 21,
  BANK_FEE: 22,
  DEPOSIT: 23,
  GAS: 24,
  SWEEP: 25,
  FUNDING: 26,
  REORG: 27,
  DESK_BATCH: 28,
  BANK_IN: 29,
} as const;

/** The asset that messages, payouts and merchants are paid in. */
export const HOUSE_ASSET = "IRR";

/** The asset of credit lines: a right, not money, so that it has a ledger of its own. */
export const CREDIT_ASSET = "IRR.credit";

/** The only pool, and the bank account that belongs to it. */
export const MAIN = "main";

/** The spendable money of an owner, whose id is a UUID; it is never overdrawn. */
export function availableAccount(ownerId: string, asset: Asset): NewAccount {
  return ownAccount("user", ownerId, ["available", asset], AccountCodes.USER_AVAILABLE);
}

/** The money of an owner behind open orders; it is never overdrawn. */
export function inOrdersAccount(ownerId: string, asset: Asset): NewAccount {
  return ownAccount("user", ownerId, ["in_orders", asset], AccountCodes.USER_IN_ORDERS);
}

/** The free working funds of the brokerage desk. */
export function deskAvailableAccount(asset: Asset): NewAccount {
  return assetAccount("desk/available", asset, AccountCodes.DESK_AVAILABLE);
}

/** The working funds of the brokerage desk behind its open orders. */
export function deskInOrdersAccount(asset: Asset): NewAccount {
  return assetAccount("desk/in_orders", asset, AccountCodes.DESK_IN_ORDERS);
}

/** The unused credit of a merchant; the asset is that of credit lines. */
export function merchantCreditAccount(merchantId: string, asset: Asset): NewAccount {
  return ownAccount("merchant", merchantId, ["credit", asset], AccountCodes.MERCHANT_CREDIT);
}

/** The used credit of a merchant; what is pending on its credit side is in flight. */
export function merchantCreditUsedAccount(merchantId: string, asset: Asset): NewAccount {
  const code = AccountCodes.MERCHANT_CREDIT_USED;
  return ownAccount("merchant", merchantId, ["credit_used", asset], code);
}

/** The counterpart of all granted limits; the asset is that of credit lines. */
export function creditIssuerAccount({ ledger }: Asset): NewAccount {
  return houseAccount("credit/issuer", ledger, AccountCodes.CREDIT_ISSUER);
}

/** The real money that pays merchants; it is never overdrawn. */
export function poolAccount({ ledger }: Asset): NewAccount {
  const flags = AccountFlags.DEBITS_MUST_NOT_EXCEED_CREDITS;
  const pool = houseAccount(`pool/${MAIN}/available`, ledger, AccountCodes.POOL_AVAILABLE);
  return { ...pool, flags };
}

/** What is held for a payout or was paid, and no bank statement shows yet. */
export function bankOutAccount(asset: Asset): NewAccount {
  return assetAccount("clearing/bank_out", asset, AccountCodes.BANK_OUT);
}

/** What a bank statement shows and whose owner is not known yet. */
export function bankInAccount(bank: string, { ledger }: Asset): NewAccount {
  return houseAccount(`clearing/bank_in/${bank}`, ledger, AccountCodes.BANK_IN);
}

/** Withdrawals to a chain that are in flight. */
export function chainOutAccount(chain: string, asset: Asset): NewAccount {
  return assetAccount(`clearing/chain_out/${chain}`, asset, AccountCodes.CHAIN_OUT);
}

/** Coins that came from a chain and are nobody's yet. */
export function chainInAccount(chain: string, asset: Asset): NewAccount {
  return assetAccount(`clearing/chain_in/${chain}`, asset, AccountCodes.CHAIN_IN);
}

/** What the house earns with messages. */
export function smsRevenueAccount({ ledger }: Asset): NewAccount {
  return houseAccount("revenue/sms", ledger, AccountCodes.SMS_REVENUE);
}

/** What the house earns with trades. */
export function tradingFeesAccount(asset: Asset): NewAccount {
  return assetAccount("revenue/trading_fees", asset, AccountCodes.TRADING_FEES);
}

/** What the house earns with withdrawals to a chain. */
export function withdrawalFeesAccount(asset: Asset): NewAccount {
  return assetAccount("revenue/withdrawal_fees", asset, AccountCodes.WITHDRAWAL_FEES);
}

/** What the house earns with payouts. */
export function payoutFeesAccount({ ledger }: Asset): NewAccount {
  return houseAccount("revenue/payout_fees", ledger, AccountCodes.PAYOUT_FEES);
}

/** The capital of the operator. */
export function operatorAccount(asset: Asset): NewAccount {
  return assetAccount("equity/operator", asset, AccountCodes.OPERATOR);
}

/** What chains cost us. */
export function networkFeesPaidAccount(asset: Asset): NewAccount {
  return assetAccount("expense/network_fees", asset, AccountCodes.NETWORK_FEES_PAID);
}

/** What reorganised chains have taken away from us. */
export function reorgLossAccount(asset: Asset): NewAccount {
  return assetAccount("expense/reorg_loss", asset, AccountCodes.REORG_LOSS);
}

/** What banks and payout providers cost us. */
export function payoutFeesPaidAccount({ ledger }: Asset): NewAccount {
  return houseAccount("expense/payout_fees", ledger, AccountCodes.PAYOUT_FEES_PAID);
}

/** The mirror of an account of ours at a bank or a payout provider. */
export function bankCustodyAccount(bank: string, { ledger }: Pick<Asset, "ledger">): NewAccount {
  return houseAccount(`custody/bank/${bank}`, ledger, AccountCodes.BANK_CUSTODY);
}

/** The mirror of wallets of ours on a chain, such as "hot". */
export function chainCustodyAccount(chain: string, wallet: string, asset: Asset): NewAccount {
  return assetAccount(`custody/chain/${chain}/${wallet}`, asset, AccountCodes.CHAIN_CUSTODY);
}

/** The mirror of our account at an outside exchange. */
export function exchangeCustodyAccount(provider: string, asset: Asset): NewAccount {
  return assetAccount(`custody/exchange/${provider}`, asset, AccountCodes.EXCHANGE_CUSTODY);
}

/** The world outside: the value that the operator vouches for. */
export function worldAccount(asset: Asset): NewAccount {
  return assetAccount("world", asset, AccountCodes.WORLD);
}

/** An account that an owner can't overdraw; a credit line has one asset, which its path leaves out. */
function ownAccount(
  kind: "user" | "merchant",
  ownerId: string,
  [name, asset]: [name: string, asset: Asset],
  code: number,
): NewAccount {
  const path = `${kind}/${ownerId.toLowerCase()}/${name}`;
  return {
    id: accountId(kind === "user" ? `${path}/${asset.code}` : path),
    ledger: asset.ledger,
    code,
    flags: AccountFlags.DEBITS_MUST_NOT_EXCEED_CREDITS,
    userData: hexOf(ownerId),
  };
}

function assetAccount(path: string, asset: Asset, code: number): NewAccount {
  return houseAccount(`${path}/${asset.code}`, asset.ledger, code);
}

/** An account that outside facts move carries no limit (ACC-7). */
function houseAccount(path: string, ledger: number, code: number): NewAccount {
  return { id: accountId(path), ledger, code, flags: 0, userData: ZERO_ID };
}

/** Any service computes the id of an account without a look-up (ACC-6). */
function accountId(path: string): string {
  return derivedId(`account/${path}`);
}
