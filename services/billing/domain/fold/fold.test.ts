import fc from "fast-check";
import { expect, test } from "vitest";
import { accountTexts, transferTexts } from "../../testing/texts-of.ts";
import type { Account, Id } from "../account.ts";
import { findAccount, openPendingsOf } from "../naive-book.ts";
import { createNaiveLedger, type NaiveLedger } from "../naive-ledger.ts";
import {
  firstAccounts,
  firstTransfers,
  idOf,
  type Numbers,
  toTransfers,
} from "../random-transfers.ts";
import { type NewTransfer, type StoredTransfer, TransferKinds } from "../transfer.ts";
import { compareAccounts, learnAccounts } from "./accounts.ts";
import { checkEnd, type End } from "./end.ts";
import type { Fault } from "./fault.ts";
import { createFold, foldRows } from "./fold.ts";
import { readRows } from "./rows.ts";
import type { Original } from "./state.ts";

/** Folds transfers in pages, and compares the accounts with what that makes of them. */
function audit(accounts: readonly Account[], rows: readonly StoredTransfer[], end = endOf(rows)) {
  const fold = createFold();
  const faults: Fault[] = [];
  const report = (fault: Fault) => void faults.push(fault);
  learnAccounts(fold, accountTexts(accounts));
  const originals = new Map(rows.map((row) => [row.atUs, originalOf(row)]));
  for (let from = 0; from < rows.length; from += 7) {
    const page = readRows(transferTexts(rows.slice(from, from + 7)));
    foldRows(fold, page, { originals, report });
  }
  checkEnd(fold, end, report);
  compareAccounts(fold, accountTexts(accounts), report);
  return { fold, faults };
}

function endOf(rows: readonly StoredTransfer[]): End {
  const { seq: lastSeq, atUs: lastAtUs } = rows.at(-1)!;
  return { lastSeq, lastAtUs };
}

function originalOf(row: StoredTransfer): Original {
  const { kind, ledger, debitSlot, creditSlot, amount, revertsAtUs } = row;
  return { kind, ledger, debitSlot, creditSlot, amount, isRevert: revertsAtUs !== undefined };
}

/** What random commands do to the naive ledger. */
function booksOf(commands: readonly Command[]) {
  const naive = createNaiveLedger(new Set([1, 2]));
  let nowUs = 1_790_000_000_000_000;
  const sent: NewTransfer[] = [];
  const send = (events: readonly NewTransfer[]) => {
    naive.createTransfers(events, nowUs);
    sent.push(...events);
  };
  naive.createAccounts(firstAccounts, nowUs);
  send(firstTransfers);
  for (const { action, stepUs, events } of commands) {
    nowUs += stepUs;
    const versionOf = (id: Id) => naive.account(id)?.version;
    if (action === 0) revertSome(naive, nowUs, events);
    else send(toTransfers({ sent, nowUs, versionOf }, events));
  }
  const accounts = naive.book.accounts.map(({ id }) => findAccount(naive.book, id)!);
  return { naive, accounts, rows: naive.book.rows };
}

function revertSome(naive: NaiveLedger, nowUs: number, events: readonly Numbers[]) {
  for (const [place, one] of events) {
    const { rows } = naive.book;
    const { id } = rows[(place + one) % rows.length]!;
    naive.revert({ id: idOf(50_000 + rows.length), originalId: id }, nowUs);
  }
}

type Command = { action: number; stepUs: number; events: Numbers[] };

const command = fc.record({
  action: fc.nat(5),
  stepUs: fc.constantFrom(0, 0, 1, 400_000, 1_000_000),
  events: fc.array(
    fc.tuple(fc.nat(99), fc.nat(2 ** 31 - 1), fc.nat(2 ** 31 - 1), fc.nat(2 ** 31 - 1)),
    { minLength: 1, maxLength: 6 },
  ),
});
const commands = fc.array(command, { minLength: 40, maxLength: 40 });

test("the fold of what the naive ledger has written is the naive ledger", () => {
  const kinds = new Set<number>();
  let reverts = 0;
  const property = fc.property(commands, (list) => {
    const { naive, accounts, rows } = booksOf(list);
    const { fold, faults } = audit(accounts, rows);
    expect(faults).toEqual([]);
    expect([...fold.pendings.places.keys()].toSorted((one, other) => one - other)).toEqual(
      openPendingsOf(naive.book).map(({ atUs }) => atUs),
    );
    expect([fold.lastSeq, fold.lastAtUs]).toEqual([rows.length, rows.at(-1)!.atUs]);
    for (const { kind, revertsAtUs } of rows) {
      kinds.add(kind);
      reverts += revertsAtUs === undefined ? 0 : 1;
    }
  });
  fc.assert(property, { numRuns: 300 });
  expect(kinds).toEqual(new Set(Object.values(TransferKinds)));
  expect(reverts).toBeGreaterThan(0); // or it has proved too little
});

/** One unit more in a place, as somebody without scruples would write it. */
const plants = {
  amount: (row) => ({ amount: row.amount + 1n }),
  debit_pending_after: (row) => ({ debitPendingAfter: row.debitPendingAfter + 1n }),
  debit_posted_after: (row) => ({ debitPostedAfter: row.debitPostedAfter + 1n }),
  credit_pending_after: (row) => ({ creditPendingAfter: row.creditPendingAfter + 1n }),
  credit_posted_after: (row) => ({ creditPostedAfter: row.creditPostedAfter - 1n }),
  debit_version: (row) => ({ debitVersion: row.debitVersion + 1 }),
  credit_version: (row) => ({ creditVersion: row.creditVersion - 1 }),
  seq: (row) => ({ seq: row.seq + 1 }),
  ledger: (row) => ({ ledger: 3 - row.ledger }),
} satisfies Record<string, (row: StoredTransfer) => Partial<StoredTransfer>>;

test.each(Object.entries(plants))("a change of %s is told of its row", (_, plant) => {
  const property = fc.property(commands, fc.nat(), (list, choice) => {
    const { accounts, rows } = booksOf(list);
    const at = choice % rows.length;
    const row = rows[at]!;
    const changed = { ...row, ...plant(row) };
    const { faults } = audit(accounts, rows.with(at, changed), endOf(rows));
    expect(Math.min(...faults.map(({ seq }) => seq))).toBe(row.seq);
    const slots = [0, row.debitSlot, row.creditSlot];
    expect(slots).toContain(faults.find(({ seq }) => seq === row.seq)!.slot);
  });
  fc.assert(property, { numRuns: 100 });
});

test("a row that was made one of another account is told of one of the two", () => {
  const property = fc.property(commands, fc.nat(), (list, choice) => {
    const { accounts, rows } = booksOf(list);
    const at = choice % rows.length;
    const row = rows[at]!;
    const other = accounts.find(({ slot, ledger }) => {
      return slot !== row.debitSlot && slot !== row.creditSlot && ledger === row.ledger;
    });
    const { faults } = audit(accounts, rows.with(at, { ...row, debitSlot: other!.slot }));
    const told = faults.filter(({ slot }) => slot === row.debitSlot || slot === other!.slot);
    expect(told.length).toBeGreaterThan(0);
  });
  fc.assert(property, { numRuns: 100 });
});

test("a row that is gone is told by its number, and its accounts with it", () => {
  const property = fc.property(commands, fc.nat(), (list, choice) => {
    const { accounts, rows } = booksOf(list);
    const { seq, debitSlot, creditSlot } = rows[choice % rows.length]!;
    const { faults } = audit(accounts, rows.toSpliced(seq - 1, 1), endOf(rows));
    expect(faults.map((fault) => fault.seq)).toContain(seq);
    for (const slot of [debitSlot, creditSlot]) {
      expect(faults.filter((fault) => fault.slot === slot).map((fault) => fault.seq)).toContain(
        seq,
      );
    }
  });
  fc.assert(property, { numRuns: 100 });
});

test("a unit in a stored account is told of the account, after its last transfer", () => {
  const property = fc.property(commands, fc.nat(), fc.nat(3), (list, choice, counter) => {
    const { accounts, rows } = booksOf(list);
    const at = choice % accounts.length;
    const account = accounts[at]!;
    const names = ["debitsPending", "debitsPosted", "creditsPending", "creditsPosted"] as const;
    const changed = { ...account, [names[counter]!]: account[names[counter]!] + 1n };
    const { faults } = audit(accounts.with(at, changed), rows);
    const { slot } = account;
    const last = rows.findLast(({ debitSlot, creditSlot }) =>
      [debitSlot, creditSlot].includes(slot),
    );
    expect(faults).toMatchObject([{ slot, seq: last?.seq ?? 0 }]);
    expect(BigInt(faults[0]!.found) - BigInt(faults[0]!.expected)).toBe(1n);
  });
  fc.assert(property, { numRuns: 100 });
});
