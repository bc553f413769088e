import { uuidOf, ZERO_ID } from "#mesh/ids.ts";
import { fail } from "../errors.ts";
import type { Id, NewAccount } from "./account.ts";
import type { Assets } from "./asset.ts";
import { AccountCodes as Codes, availableAccount, TransferCodes } from "./chart.ts";
import type { Ledger } from "./ledger.ts";
import type { NewTransfer } from "./transfer.ts";

/** What a service may do that books its own flows only (HOLD-2); all others are not bounded. */
type Right = {
  /** Pairs of codes: what is debited, and what is credited. */
  readonly pairs: ReadonlySet<number>;
  /** The accounts of the house that it opens on first use. */
  readonly opens: ReadonlySet<number>;
  /** Whether it opens further accounts of known owners (ACC-9). */
  readonly opensOwners: boolean;
};

const rights: Readonly<Record<string, Right>> = {
  settlement: {
    pairs: new Set([
      pair(Codes.BANK_OUT, Codes.BANK_CUSTODY), // the line of a statement that ends FLOW-10
      pair(Codes.PAYOUT_FEES_PAID, Codes.BANK_CUSTODY), // FLOW-14
      pair(Codes.CHAIN_CUSTODY, Codes.USER_AVAILABLE), // FLOW-18
      pair(Codes.CHAIN_CUSTODY, Codes.CHAIN_IN), // FLOW-18, of nobody yet
      pair(Codes.NETWORK_FEES_PAID, Codes.CHAIN_CUSTODY), // FLOW-22
      pair(Codes.CHAIN_CUSTODY, Codes.CHAIN_CUSTODY), // FLOW-23
      pair(Codes.CHAIN_CUSTODY, Codes.OPERATOR), // FLOW-24
      pair(Codes.REORG_LOSS, Codes.CHAIN_CUSTODY), // FLOW-25
      pair(Codes.USER_AVAILABLE, Codes.REORG_LOSS), // FLOW-25
      pair(Codes.BANK_CUSTODY, Codes.BANK_IN), // FLOW-31
    ]),
    opens: new Set([Codes.BANK_IN, Codes.CHAIN_IN, Codes.BANK_CUSTODY, Codes.CHAIN_CUSTODY]),
    opensOwners: true,
  },
  matching: {
    pairs: new Set([
      pair(Codes.EXCHANGE_CUSTODY, Codes.DESK_AVAILABLE), // FLOW-28
      pair(Codes.DESK_AVAILABLE, Codes.EXCHANGE_CUSTODY), // FLOW-28
    ]),
    opens: new Set([Codes.EXCHANGE_CUSTODY]),
    opensOwners: false,
  },
};

/**
 * Refuses a request of a service with a transfer that none of its flows makes, or that billing
 * books itself: NOT_ALLOWED names the account that it debits. What the ledger refuses anyway, such
 * as an unknown account, is left to it.
 */
export function checkMayPost(
  service: string,
  ledger: Pick<Ledger, "account" | "bySlot" | "transfer">,
  events: readonly NewTransfer[],
): void {
  const own = events.find(({ code }) => billingsOwn.has(code));
  if (own !== undefined) throw refusal(service, own.debitAccountId);
  const right = rights[service];
  if (right === undefined) return;
  for (const { debitAccountId, creditAccountId, pendingId } of events) {
    const pending = pendingId === ZERO_ID ? undefined : ledger.transfer(pendingId);
    const debit = pending ? ledger.bySlot(pending.debitSlot) : ledger.account(debitAccountId);
    const credit = pending ? ledger.bySlot(pending.creditSlot) : ledger.account(creditAccountId);
    if (debit === undefined || credit === undefined) continue;
    if (!right.pairs.has(pair(debit.code, credit.code))) throw refusal(service, debit.id);
  }
}

/**
 * Refuses a request of a service with an account that is none of its flows': NOT_ALLOWED names it.
 * Throws OWNER_NOT_FOUND for one of an owner who has no account yet: core opens the first (ACC-9).
 */
export function checkMayOpen(
  service: string,
  { ledger, assets }: { readonly ledger: Pick<Ledger, "accountsOf">; readonly assets: Assets },
  accounts: readonly NewAccount[],
): void {
  const right = rights[service];
  if (right === undefined) return;
  for (const account of accounts) {
    const { id, code, userData } = account;
    const isHouse = right.opens.has(code) && userData === ZERO_ID;
    if (isHouse) continue;
    if (!right.opensOwners || !isAvailable(account, assets)) throw refusal(service, id);
    if (ledger.accountsOf(userData).length > 0) continue;
    throw fail("OWNER_NOT_FOUND", { owner_id: uuidOf(userData) });
  }
}

/** Whether an account is the spendable money of an owner, as it says. */
function isAvailable({ id, ledger, code, userData }: NewAccount, assets: Assets): boolean {
  const isOwned = assets.ledgers.has(ledger) && userData !== ZERO_ID;
  if (!isOwned || code !== Codes.USER_AVAILABLE) return false;
  return id === availableAccount(uuidOf(userData), assets.ofLedger(ledger)).id;
}

/** What billing itself books, and sums up by the code (FLOW-6–FLOW-8). */
const billingsOwn: ReadonlySet<number> = new Set([TransferCodes.GRANT, TransferCodes.POOL_TOPUP]);

/** Codes have three digits. */
function pair(debit: number, credit: number): number {
  return debit * 1000 + credit;
}

function refusal(service: string, accountId: Id) {
  return fail("NOT_ALLOWED", { caller: service, account_id: accountId });
}
