import { strict as assert } from "node:assert";
import { derivedId, MAX_ID, ZERO_ID } from "#mesh/ids.ts";
import type { AccountResult, Id, NewAccount } from "./account.ts";
import { createLedger, type Ledger } from "./ledger.ts";
import { createNaiveLedger, type NaiveLedger } from "./naive-ledger.ts";
import type { NewRevert, NewTransfer, TransferResult } from "./transfer.ts";

/** The ledger and its naive twin, for tests: what one is told the other hears too. */
export type LedgerPair = {
  readonly ledger: Ledger;
  readonly naive: NaiveLedger;
  nowUs: number;
  createAccounts(events: readonly NewAccount[]): AccountResult[];
  createTransfers(events: readonly NewTransfer[]): TransferResult[];
  dryRun(events: readonly NewTransfer[]): TransferResult[];
  revert(revert: NewRevert): TransferResult;
};

/** Makes a pair of empty ledgers of the assets 1 and 2. It throws where the two differ. */
export function createLedgerPair(): LedgerPair {
  const ledgers = new Set([1, 2]);
  const nothing = { accounts: [], openPendings: [], lastSeq: 0, lastAtUs: 0, lastSlot: 0 };
  const ledger = createLedger({ ledgers, ...nothing });
  const naive = createNaiveLedger(ledgers);
  return {
    ledger,
    naive,
    nowUs: 1_790_000_000_000_000,
    createAccounts(events) {
      const results = ledger.createAccounts(events, this.nowUs);
      assert.deepEqual(results, naive.createAccounts(events, this.nowUs));
      return results;
    },
    createTransfers(events) {
      const results = ledger.createTransfers(events, this.nowUs);
      assert.deepEqual(results, naive.createTransfers(events, this.nowUs));
      return results;
    },
    dryRun(events) {
      const results = ledger.dryRun(events, this.nowUs);
      assert.deepEqual(results, naive.dryRun(events, this.nowUs));
      return results;
    },
    revert(revert) {
      const result = ledger.revert(revert, this.nowUs);
      assert.deepEqual(result, naive.revert(revert, this.nowUs));
      return result;
    },
  };
}

/** The id that a name in a test stands for. */
export function idOf(name: string): Id {
  return { zero: ZERO_ID, max: MAX_ID }[name] ?? derivedId(name);
}

/** An account with nothing out of the common. */
export function accountOf(name: string, more: Partial<NewAccount> = {}): NewAccount {
  return { id: idOf(name), ledger: 1, code: 1, flags: 0, userData: ZERO_ID, ...more };
}

/** A transfer with nothing out of the common, between two accounts or as a post or void. */
export function transferOf(
  name: string,
  debit: string,
  credit: string,
  more: Partial<NewTransfer> = {},
): NewTransfer {
  return {
    id: idOf(name),
    debitAccountId: idOf(debit),
    creditAccountId: idOf(credit),
    amount: 0n,
    pendingId: ZERO_ID,
    timeoutSeconds: 0,
    ledger: 1,
    code: 1,
    flags: 0,
    userData: ZERO_ID,
    ...more,
  };
}
