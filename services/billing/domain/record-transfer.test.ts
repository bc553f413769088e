import { expect, test } from "vitest";
import { AccountFlags } from "./account.ts";
import { createLedger, type Ledger } from "./ledger.ts";
import { accountOf, transferOf } from "./ledger-pair.ts";
import {
  type Balances,
  type NewTransfer,
  type StoredTransfer,
  TransferFlags,
  TransferKinds,
} from "./transfer.ts";

const accountCount = 50;
const rowCount = 10_000;

/** Numbers that look random and are the same on every run (mulberry32). */
function createRandom(seed: number) {
  let state = seed;
  return (options: number): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % options;
  };
}

/** Makes random transfers, posts, voids and expiries until there are enough rows. */
function makeRows(): { ledger: Ledger; rows: StoredTransfer[] } {
  const random = createRandom(17);
  const nothing = { accounts: [], openPendings: [], lastSeq: 0, lastAtUs: 0, lastSlot: 0 };
  const ledger = createLedger({ ledgers: new Set([1]), ...nothing });
  const flags = [0, 0, 0, AccountFlags.DEBITS_MUST_NOT_EXCEED_CREDITS];
  const names = Array.from({ length: accountCount }, (_, index) => `A${index}`);
  ledger.createAccounts(
    names.map((name, index) => accountOf(name, { flags: flags[index % 4]! })),
    0,
  );
  const rows: StoredTransfer[] = [];
  for (let nowUs = 1; rows.length < rowCount; nowUs += random(400_000)) {
    const events = Array.from({ length: 20 }, (_, index) => {
      const name = `T${rows.length}/${index}/${nowUs}`;
      return randomTransfer(name, rows, random);
    });
    ledger.createTransfers(events, nowUs);
    rows.push(...ledger.takeChanges().transfers);
  }
  return { ledger, rows };
}

type Random = (options: number) => number;

function randomTransfer(name: string, rows: StoredTransfer[], random: Random): NewTransfer {
  const linked = random(8) === 0 ? TransferFlags.LINKED : 0;
  const debit = random(accountCount);
  const credit = (debit + 1 + random(accountCount - 1)) % accountCount;
  const amount = BigInt(random(1000));
  const pending = rows.at(-1 - random(Math.max(rows.length, 1)));
  const kind = random(10);
  if (kind < 3 && pending !== undefined) {
    const ending = kind === 0 ? TransferFlags.VOID_PENDING : TransferFlags.POST_PENDING;
    const part = kind === 0 ? 0n : pending.amount / BigInt(1 + random(2));
    const more = { amount: part, pendingId: pending.id, flags: linked | ending };
    return transferOf(name, "zero", "zero", { ...more, ledger: 0, code: 0 });
  }
  const flags = linked | (kind < 7 ? TransferFlags.PENDING : 0);
  const timeoutSeconds = kind < 7 ? random(20) : 0;
  return transferOf(name, `A${debit}`, `A${credit}`, { amount, flags, timeoutSeconds });
}

/** The counters that rows add up to, and the first row whose after-columns say otherwise. */
function fold(rows: readonly StoredTransfer[]) {
  const sums = new Map<number, Balances>();
  let firstBadSeq: number | undefined;
  for (const row of rows) {
    const debit = sums.get(row.debitSlot) ?? zero;
    const credit = sums.get(row.creditSlot) ?? zero;
    const pending = rows.find(({ atUs }) => atUs === row.pendingAtUs);
    const held = heldBy(row) - (pending?.amount ?? 0n);
    const debitAfter = {
      ...debit,
      debitsPending: debit.debitsPending + held,
      debitsPosted: debit.debitsPosted + postedBy(row),
      version: debit.version + 1,
    };
    const creditAfter = {
      ...credit,
      creditsPending: credit.creditsPending + held,
      creditsPosted: credit.creditsPosted + postedBy(row),
      version: credit.version + 1,
    };
    sums.set(row.debitSlot, debitAfter).set(row.creditSlot, creditAfter);
    const isTold =
      row.debitPendingAfter === debitAfter.debitsPending &&
      row.debitPostedAfter === debitAfter.debitsPosted &&
      row.debitVersion === debitAfter.version &&
      row.creditPendingAfter === creditAfter.creditsPending &&
      row.creditPostedAfter === creditAfter.creditsPosted &&
      row.creditVersion === creditAfter.version;
    if (!isTold) firstBadSeq ??= row.seq;
  }
  return { sums, firstBadSeq };
}

const zero: Balances = {
  debitsPending: 0n,
  debitsPosted: 0n,
  creditsPending: 0n,
  creditsPosted: 0n,
  version: 0,
};

function heldBy({ kind, amount }: StoredTransfer): bigint {
  return kind === TransferKinds.PENDING ? amount : 0n;
}

function postedBy({ kind, amount }: StoredTransfer): bigint {
  return kind === TransferKinds.SINGLE || kind === TransferKinds.POST ? amount : 0n;
}

test("L17: the rows alone give every counter, after each row and at the end", () => {
  const { ledger, rows } = makeRows();
  const { sums, firstBadSeq } = fold(rows);
  expect(firstBadSeq).toBeUndefined();
  expect(sums.size).toBe(accountCount);
  for (const [slot, sum] of sums) expect(ledger.bySlot(slot)).toMatchObject(sum);
  expect(rows.map(({ seq }) => seq)).toEqual(rows.map((_row, index) => index + 1));
  expect(new Set(rows.map(({ kind }) => kind))).toEqual(new Set(Object.values(TransferKinds)));
  const total = (of: (sum: Balances) => bigint) =>
    [...sums.values()].reduce((all, sum) => all + of(sum), 0n);
  expect(total((sum) => sum.debitsPosted)).toBe(total((sum) => sum.creditsPosted));
  expect(total((sum) => sum.debitsPending)).toBe(total((sum) => sum.creditsPending));
});

test("L17: one unit planted in one row is found at its seq", () => {
  const { rows } = makeRows();
  const planted = rows[6789]!;
  const altered = { ...planted, creditPostedAfter: planted.creditPostedAfter + 1n };
  expect(fold(rows.with(6789, altered)).firstBadSeq).toBe(6790);
});
