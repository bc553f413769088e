import type { Account, AccountResult, AccountStatus, Id, NewAccount } from "./account.ts";
import { findAccount, type NaiveBook, shown } from "./naive-book.ts";
import { inChains, type Run } from "./naive-chains.ts";
import { factsOf, kindOf } from "./naive-facts.ts";
import { accountRules, broken } from "./naive-account-rules.ts";
import { refuse } from "./naive-refuse.ts";
import { makeRevert } from "./naive-revert.ts";
import { transferRules } from "./naive-rules.ts";
import { expire, madeLast, write } from "./naive-write.ts";
import {
  type NewRevert,
  type NewTransfer,
  type StoredTransfer,
  type TransferResult,
  type TransferStatus,
} from "./transfer.ts";

/** The slow twin of the ledger. */
export type NaiveLedger = {
  readonly book: NaiveBook;
  createAccounts(events: readonly NewAccount[], atUs: number): AccountResult[];
  createTransfers(events: readonly NewTransfer[], atUs: number): TransferResult[];
  dryRun(events: readonly NewTransfer[], atUs: number): TransferResult[];
  revert(revert: NewRevert, atUs: number): TransferResult;
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
      const nowUs = timeOf(atUs);
      const run = inChains(book, events, (now, event) => openAccount(now, event, nowUs));
      book = run.book;
      return run.results.map(({ status, id }) =>
        withAccount(status, id === undefined ? id : findAccount(book, id)),
      );
    },
    createTransfers(events, atUs) {
      const nowUs = timeOf(atUs);
      const run = makeAll(expireAt(nowUs), events, nowUs);
      book = run.book;
      return run.results.map((result) => asOf(book, result));
    },
    dryRun(events, atUs) {
      const nowUs = timeOf(atUs);
      const run = makeAll(expireAt(nowUs), events, nowUs);
      return run.results.map((result) => asOf(run.book, result));
    },
    revert(revert, atUs) {
      const nowUs = timeOf(atUs);
      const run = makeRevert(expireAt(nowUs), revert, nowUs);
      book = run.book;
      return asOf(book, run.results[0]!);
    },
    expireDue: (atUs) => void expireAt(timeOf(atUs)),
    account: (id) => findAccount(book, id),
    transfer(id) {
      const row = book.rows.find((one) => one.id === id);
      return row && shown(book, row);
    },
    violations: (event, atUs) => broken(transferRules, factsOf(book, event, atUs)),
  };

  /** A clock that went back does not take the ledger with it. */
  function timeOf(atUs: number): number {
    return Math.max(atUs, book.lastAtUs);
  }

  /** What is due has expired, whatever comes of the rest. */
  function expireAt(nowUs: number): NaiveBook {
    book = expire(book, nowUs);
    return book;
  }
}

function makeAll(book: NaiveBook, events: readonly NewTransfer[], nowUs: number) {
  return inChains(book, events, (now, event) => makeTransfer(now, event, nowUs));
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
  if (status !== "created") return refuse(book, request.id, status, nowUs);
  const amount = facts.isEnding ? facts.event.amount : facts.amount;
  const after = write(book, { ...facts.event, amount }, kindOf(request), atUs);
  return { results: [madeLast(after)], book: after };
}
