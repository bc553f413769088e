import type { Account, AccountResult, AccountStatus, Id, NewAccount } from "./account.ts";
import { findAccount, type NaiveBook, resolutionOf } from "./naive-book.ts";
import { inChains, type Run } from "./naive-chains.ts";
import { factsOf } from "./naive-facts.ts";
import { accountRules, type Rule } from "./naive-account-rules.ts";
import { transferRules } from "./naive-rules.ts";
import { balances, expire, write } from "./naive-write.ts";
import {
  type Balances,
  type NewTransfer,
  type StoredTransfer,
  TransferFlags,
  TransferKinds,
  type TransferResult,
  type TransferStatus,
  transientStatuses,
} from "./transfer.ts";

/** The slow twin of the ledger. */
export type NaiveLedger = {
  readonly book: NaiveBook;
  createAccounts(events: readonly NewAccount[], atUs: number): AccountResult[];
  createTransfers(events: readonly NewTransfer[], atUs: number): TransferResult[];
  expireDue(atUs: number): void;
  account(id: Id): Account | undefined;
  transfer(id: Id): StoredTransfer | undefined;
  /** All rules that a transfer would break if it came alone, in order. */
  violations(event: NewTransfer, atUs: number): TransferStatus[];
};

/**
 * The oracle of the ledger: obviously right, slow, and independent of it. It keeps lists, never
 * changes one, and answers every question by walking through them; the rules are a table.
 */
export function createNaiveLedger(ledgers: ReadonlySet<number>): NaiveLedger {
  let book: NaiveBook = { ledgers, accounts: [], rows: [], failed: [], lastAtUs: 0 };
  return {
    get book() {
      return book;
    },
    createAccounts(events, atUs) {
      const nowUs = Math.max(atUs, book.lastAtUs);
      const run = inChains(book, events, (now, event) => openAccount(now, event, nowUs));
      book = run.book;
      return run.results.map(({ status, id }) =>
        withAccount(status, id === undefined ? id : findAccount(book, id)),
      );
    },
    createTransfers(events, atUs) {
      const nowUs = Math.max(atUs, book.lastAtUs);
      book = expire(book, nowUs);
      const run = inChains(book, events, (now, event) => makeTransfer(now, event, nowUs));
      book = run.book;
      return run.results.map((result) => asOf(book, result));
    },
    expireDue(atUs) {
      book = expire(book, Math.max(atUs, book.lastAtUs));
    },
    account: (id) => findAccount(book, id),
    transfer(id) {
      const row = book.rows.find((one) => one.id === id);
      return row && shown(book, row);
    },
    violations: (event, atUs) => broken(transferRules, factsOf(book, event, atUs)),
  };
}

function broken<Status, Facts>(rules: readonly Rule<Status, Facts>[], facts: Facts): Status[] {
  return rules.filter(([, breaks]) => breaks(facts)).map(([status]) => status);
}

function shown(book: NaiveBook, row: StoredTransfer): StoredTransfer {
  const resolution = resolutionOf(book, row);
  return resolution === undefined ? row : { ...row, resolution };
}

/** A result with what the whole batch has made of its transfer. */
function asOf(book: NaiveBook, { transfer, ...rest }: TransferResult): TransferResult {
  return transfer === undefined ? rest : { ...rest, transfer: shown(book, transfer) };
}

function withAccount(status: AccountStatus, account?: Account): AccountResult {
  return account === undefined ? { status } : { status, account };
}

function openAccount(
  book: NaiveBook,
  event: NewAccount,
  nowUs: number,
): Run<{ status: AccountStatus; id?: Id }> {
  const { id, ledger, code, userData } = event;
  const old = book.accounts.find((one) => one.id === id);
  const [status = "created"] = broken(accountRules, { event, old, ledgers: book.ledgers });
  if (status === "exists") return { results: [{ status, id }], book };
  if (status !== "created") return { results: [{ status }], book };
  const createdAtUs = Math.max(nowUs, book.lastAtUs + 1);
  const flags = event.flags - (event.flags % 2);
  const slot = book.accounts.length + 1;
  const account = { slot, id, ledger, code, flags, userData, createdAtUs };
  const accounts = [...book.accounts, account];
  return { results: [{ status, id }], book: { ...book, accounts, lastAtUs: createdAtUs } };
}

function makeTransfer(book: NaiveBook, request: NewTransfer, nowUs: number): Run<TransferResult> {
  const atUs = Math.max(nowUs, book.lastAtUs + 1);
  const facts = factsOf(book, request, atUs);
  const [status = "created"] = broken(transferRules, facts);
  if (status === "exists") {
    const transfer = book.rows.find(({ id }) => id === request.id)!;
    return { results: [{ status, transfer }], book };
  }
  if (status === "id_already_failed") {
    const failedWith = book.failed.find(({ id }) => id === request.id)!.status;
    return { results: [{ status, failedWith }], book };
  }
  if (status !== "created") {
    const isBurned = transientStatuses.has(status);
    const burned = isBurned ? [{ id: request.id, status, atUs: nowUs }] : [];
    return { results: [{ status }], book: { ...book, failed: [...book.failed, ...burned] } };
  }
  const amount = facts.isEnding ? facts.event.amount : facts.amount;
  const after = write(book, { ...facts.event, amount }, kindOf(request), atUs);
  const transfer = after.rows.at(-1)!;
  const [debit, credit] = [transfer.debitSlot, transfer.creditSlot].map((slot) =>
    balances(after, slot),
  ) as [Balances, Balances];
  return { results: [{ status, transfer, debit, credit }], book: after };
}

function kindOf({ flags }: NewTransfer): number {
  if ((flags & TransferFlags.POST_PENDING) !== 0) return TransferKinds.POST;
  if ((flags & TransferFlags.VOID_PENDING) !== 0) return TransferKinds.VOID;
  return (flags & TransferFlags.PENDING) === 0 ? TransferKinds.SINGLE : TransferKinds.PENDING;
}
