import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { expect, test } from "vitest";
import { MAX_ID, ZERO_ID } from "#mesh/ids.ts";
import { MAX_AMOUNT } from "#mesh/money.ts";
import { accountStatuses, type Id, type NewAccount } from "./account.ts";
import { createLedger, type Ledger } from "./ledger.ts";
import { findAccount, type NaiveBook, openPendingsOf } from "./naive-book.ts";
import { createNaiveLedger, type NaiveLedger } from "./naive-ledger.ts";
import {
  type BurnedId,
  type NewTransfer,
  type StoredTransfer,
  TransferFlags as Flag,
  transferStatuses,
} from "./transfer.ts";

const runs = 1000;
const commandsPerRun = 100;

test("the ledger and its naive twin agree on every event", { timeout: 120_000 }, () => {
  const seen = new Set<string>();
  const lists = fc.array(command, { minLength: commandsPerRun, maxLength: commandsPerRun });
  const property = fc.property(lists, (commands) => {
    const pair = createPair(seen);
    for (const one of commands) execute(pair, one);
    commit(pair);
    compareAccounts(pair);
  });
  fc.assert(property, { numRuns: runs });
  const all = [...transferStatuses, ...accountStatuses.map((status) => `account ${status}`)];
  const unseen = all.filter((status) => !seen.has(status));
  expect(unseen).toEqual([]); // or the twins have agreed on too little
});

/** What a command does, what the clock does before, and numbers from which its events are made. */
const command = fc.record({
  action: fc.nat(99),
  clock: fc.nat(9),
  events: fc.array(fc.tuple(fc.nat(99), fc.nat(2 ** 31 - 1), fc.nat(2 ** 31 - 1)), {
    minLength: 1,
    maxLength: 6,
  }),
});

type Command = { action: number; clock: number; events: Numbers[] };
type Numbers = [action: number, one: number, other: number];

/** The two ledgers side by side, and what stands for the store between them. */
type Pair = {
  ledger: Ledger;
  readonly naive: NaiveLedger;
  /** What was handed out to be committed, and what of it the store has by now. */
  taken: Mark;
  stored: Mark;
  nowUs: number;
  readonly sent: NewTransfer[];
  readonly seen: Set<string>;
};

type Mark = { readonly seq: number; readonly slot: number; readonly failed: number };

const start: Mark = { seq: 0, slot: 0, failed: 0 };

/** Makes memory so short that most ids are forgotten at once and have to be read again. */
const recentTransfers = 3;

function createPair(seen: Set<string>): Pair {
  const ledgers = new Set([1, 2]);
  const nothing = { accounts: [], openPendings: [], lastSeq: 0, lastAtUs: 0, lastSlot: 0 };
  const ledger = createLedger({ ledgers, ...nothing, recentTransfers });
  const naive = createNaiveLedger(ledgers);
  const nowUs = 1_790_000_000_000_000;
  const pair = { ledger, naive, taken: start, stored: start, nowUs, sent: [], seen };
  openAccounts(pair, firstAccounts);
  createTransfers(pair, firstTransfers, false);
  return pair;
}

/** Accounts 1 to 9: 1 to 6 of ledger 1, the others of ledger 2; 3, 4, 5 and 8 have limits. */
const firstAccounts = [0, 0, 2, 2, 4, 0, 0, 2, 0].map((flags, index): NewAccount => ({
  id: idOf(index + 1),
  ledger: index < 6 ? 1 : 2,
  code: 1,
  flags,
  userData: idOf(index % 3),
}));

const firstTransfers = [
  [1, 3, 200n],
  [1, 4, 90n],
  [5, 2, 200n],
  [7, 8, 100n],
].map(([debit, credit, amount], index) =>
  transfer(idOf(9000 + index), Number(debit), Number(credit), { amount: BigInt(amount!) }),
);

function transfer(id: Id, debit: number, credit: number, more: Partial<NewTransfer>): NewTransfer {
  return {
    id,
    debitAccountId: idOf(debit),
    creditAccountId: idOf(credit),
    amount: 0n,
    pendingId: ZERO_ID,
    timeoutSeconds: 0,
    ledger: debit < 7 ? 1 : 2,
    code: 1,
    flags: 0,
    userData: ZERO_ID,
    ...more,
  };
}

function idOf(number: number): Id {
  return number.toString(16).padStart(32, "0");
}

function execute(pair: Pair, { action, clock, events }: Command) {
  pair.nowUs += clockSteps[clock]!;
  if (action < 70) {
    createTransfers(pair, toTransfers(pair, events), action % 3 === 0);
  } else if (action < 78) openAccounts(pair, events.map(toAccount));
  else if (action < 82) expireDue(pair);
  else if (action < 97) commit(pair);
  else reload(pair);
}

const clockSteps = [0, 0, 0, 1, 400_000, 700_000, 1_000_000, 1_000_000, 3_000_000, -600_000];

function openAccounts({ ledger, naive, nowUs, seen }: Pair, events: readonly NewAccount[]) {
  const results = ledger.createAccounts(events, nowUs);
  compare(results, naive.createAccounts(events, nowUs), events);
  for (const { status } of results) seen.add(`account ${status}`);
}

/** Reads from the store first, as the writer does; a commit may begin in between. */
function createTransfers(pair: Pair, events: readonly NewTransfer[], commitsBetween: boolean) {
  const { ledger, naive, nowUs, seen, sent } = pair;
  const found = readStore(pair, ledger.unknownIds(events));
  if (commitsBetween) commit(pair);
  ledger.learn(found.rows, found.failed);
  const results = ledger.createTransfers(events, nowUs);
  compare(results, naive.createTransfers(events, nowUs), events);
  for (const { status } of results) seen.add(status);
  sent.push(...events);
}

function expireDue({ ledger, naive, nowUs }: Pair) {
  ledger.expireDue(nowUs);
  naive.expireDue(nowUs);
  const ends = openPendingsOf(naive.book)
    .filter(({ timeoutSeconds }) => timeoutSeconds > 0)
    .map(({ atUs, timeoutSeconds }) => atUs + timeoutSeconds * 1e6);
  compare(ledger.nextExpiryUs(), ends.length === 0 ? undefined : Math.min(...ends), "next expiry");
}

/** What the last commit but the one under way has stored of some ids. */
function readStore({ naive, stored }: Pair, ids: readonly Id[]) {
  const past = { ...naive.book, rows: naive.book.rows.slice(0, stored.seq) };
  const rows: StoredTransfer[] = [];
  const failed: BurnedId[] = [];
  for (const id of ids) {
    const row = past.rows.find((one) => one.id === id);
    if (row !== undefined) rows.push(withResolution(past, row));
    failed.push(...naive.book.failed.slice(0, stored.failed).filter((one) => one.id === id));
  }
  return { rows, failed };
}

function withResolution({ rows }: NaiveBook, row: StoredTransfer): StoredTransfer {
  const kind = rows.find(({ pendingAtUs }) => pendingAtUs === row.atUs)?.kind;
  if (kind === undefined) return row;
  return { ...row, resolution: kind === 3 ? "posted" : kind === 4 ? "voided" : "expired" };
}

/** Takes what has to be stored, and says that the commit before has ended. */
function commit(pair: Pair) {
  const { ledger, naive, taken } = pair;
  const { book } = naive;
  const rows = book.rows.slice(taken.seq);
  const slots = new Set(rows.flatMap(({ debitSlot, creditSlot }) => [debitSlot, creditSlot]));
  const ended = new Set(rows.map(({ pendingAtUs }) => pendingAtUs));
  const isOpen = new Set(openPendingsOf(book).map(({ seq }) => seq));
  const accounts = book.accounts.map(({ id }) => findAccount(book, id)!);
  const changes = ledger.takeChanges();
  const expected = {
    accounts: accounts.slice(taken.slot),
    transfers: rows.map((row) => withResolution(book, row)),
    touched: accounts.slice(0, taken.slot).filter(({ slot }) => slots.has(slot)),
    opened: rows.filter(({ seq }) => isOpen.has(seq)),
    closed: book.rows
      .slice(0, taken.seq)
      .filter(({ atUs }) => ended.has(atUs))
      .map((row) => withResolution(book, row)),
    failed: book.failed.slice(taken.failed),
    lastSeq: book.rows.length,
    lastAtUs: book.lastAtUs,
  };
  const touched = changes.touched.toSorted((one, other) => one.slot - other.slot);
  const closed = changes.closed.toSorted((one, other) => one.seq - other.seq);
  compare({ ...changes, touched, closed }, expected, "changes");
  pair.stored = taken;
  pair.taken = { seq: book.rows.length, slot: accounts.length, failed: book.failed.length };
}

/** Starts the ledger anew from what is stored. */
function reload(pair: Pair) {
  commit(pair);
  pair.stored = pair.taken;
  const { book } = pair.naive;
  pair.ledger = createLedger({
    ledgers: book.ledgers,
    accounts: book.accounts.map(({ id }) => findAccount(book, id)!),
    openPendings: structuredClone(openPendingsOf(book)),
    lastSeq: book.rows.length,
    lastAtUs: book.lastAtUs,
    lastSlot: book.accounts.length,
    recentTransfers,
  });
  compareAccounts(pair);
}

function compareAccounts({ ledger, naive }: Pair) {
  const { accounts } = naive.book;
  for (const { id, slot, userData } of accounts) {
    const account = ledger.account(id);
    compare(account, naive.account(id), id);
    compare(account, ledger.bySlot(slot), id);
    const siblings = accounts.filter((one) => one.userData === userData);
    compare(
      ledger.accountsOf(userData).map((one) => one.id),
      siblings.map((one) => one.id),
      id,
    );
  }
  compare(ledger.bySlot(accounts.length + 1), undefined, "one account more");
}

function compare(actual: unknown, expected: unknown, about: unknown) {
  if (!isDeepStrictEqual(actual, expected))
    expect({ actual, about }).toEqual({ actual: expected, about });
}

/** Cuts choices out of two numbers. */
function choices([, one, other]: Numbers) {
  const left = [one, other];
  let turn = 0;
  return (options: number): number => {
    turn = 1 - turn;
    const choice = left[turn]! % Math.max(options, 1);
    left[turn] = Math.floor(left[turn]! / Math.max(options, 1));
    return choice;
  };
}

function toAccount(numbers: Numbers): NewAccount {
  const choose = choices(numbers);
  const isLinked = choose(4) === 0 ? 1 : 0;
  const number = choose(14);
  const common = firstAccounts[number];
  const id = choose(12) === 0 ? [ZERO_ID, MAX_ID][choose(2)]! : idOf(number + 1);
  if (common !== undefined && choose(2) === 0) return { ...common, flags: common.flags + isLinked };
  const flags = [0, 2, 4, 0, 0, 6, 8, 16][choose(8)]! + isLinked;
  const ledger = [1, 2, 1, 0, 3][choose(5)]!;
  return { id, ledger, code: choose(4) === 0 ? 0 : 1, flags, userData: idOf(choose(3)) };
}

/** A transfer sent before may come again in the same batch too. */
function toTransfers(pair: Pair, events: readonly Numbers[]): NewTransfer[] {
  const sent = [...pair.sent];
  return events.map((numbers) => {
    const event = toTransfer(numbers, sent, pair.nowUs);
    sent.push(event);
    return event;
  });
}

function toTransfer(numbers: Numbers, sent: readonly NewTransfer[], nowUs: number): NewTransfer {
  const choose = choices(numbers);
  const [action] = numbers;
  const flags = choose(4) === 0 ? Flag.LINKED : 0;
  const id = idOf(10_000 + sent.length);
  if (action < 30) return { ...toMove(id, choose), flags: flags | toBalancing(choose) };
  if (action < 55) return toHold(toMove(id, choose), flags | Flag.PENDING, nowUs, choose);
  if (action < 78) return toEnding(id, flags, sent, choose);
  if (action < 93) return toRepeated(sent, choose);
  return toOddity(id, sent, nowUs, choose);
}

type Choose = (options: number) => number;

function toMove(id: Id, choose: Choose): NewTransfer {
  const debit = 1 + choose(9);
  const sibling = debit < 7 ? 1 + ((debit + choose(5)) % 6) : 7 + ((debit - 6 + choose(2)) % 3);
  const credit = choose(20) === 0 ? 1 + choose(14) : sibling;
  const amount = toAmount(choose);
  const userData = idOf(choose(3));
  const reference = choose(5) === 0 ? { reference: "a reference" } : {};
  return transfer(id, debit, credit, { amount, userData, ...reference });
}

function toAmount(choose: Choose): bigint {
  const kind = choose(40);
  if (kind === 0) return MAX_AMOUNT - BigInt(choose(200));
  return kind < 4 ? 0n : BigInt(choose(100));
}

function toBalancing(choose: Choose): number {
  const [debit, credit] = [Flag.BALANCING_DEBIT, Flag.BALANCING_CREDIT];
  return [debit, credit, debit | credit, 0, 0, 0, 0, 0, 0, 0][choose(10)]!;
}

function toHold(move: NewTransfer, flags: number, nowUs: number, choose: Choose): NewTransfer {
  const [debit, credit] = [Flag.CLOSING_DEBIT, Flag.CLOSING_CREDIT];
  const closing = [debit, credit, debit | credit][choose(40)] ?? 0;
  const timeoutSeconds = choose(99) === 0 ? 10 ** 10 : [0, 0, 1, 2, 3][choose(5)]!;
  const expiry = choose(8) === 0 ? { expiresAtUs: nowUs + choose(4_000_000) - 1_000_000 } : {};
  return { ...move, ...expiry, timeoutSeconds, flags: flags | closing | toBalancing(choose) };
}

function toEnding(
  id: Id,
  linked: number,
  sent: readonly NewTransfer[],
  choose: Choose,
): NewTransfer {
  const isVoid = choose(3) === 0;
  const candidates = choose(12) === 0 ? sent : sent.filter(({ flags }) => (flags & 2) !== 0);
  const pending = candidates.at(-1 - choose(Math.min(candidates.length, 12)));
  const held = pending?.amount ?? 0n;
  const some = choose(8) === 0 ? held + 1n : held / 2n;
  const amount = [isVoid ? 0n : MAX_AMOUNT, isVoid ? 0n : some, held, some][choose(4)]!;
  const isCopy = choose(3) === 0 && pending !== undefined;
  const ending = transfer(id, 0, 0, {
    amount: amount > MAX_AMOUNT ? 0n : amount,
    ledger: 0,
    code: 0,
  });
  const { debitAccountId, creditAccountId, ledger, code } = isCopy ? pending : ending;
  return {
    ...ending,
    debitAccountId,
    creditAccountId,
    ledger,
    code,
    pendingId: pending?.id ?? idOf(77),
    flags: linked | (isVoid ? Flag.VOID_PENDING : Flag.POST_PENDING),
    userData: idOf(choose(3)),
  };
}

/** The same again, or the same but for one field. */
function toRepeated(sent: readonly NewTransfer[], choose: Choose): NewTransfer {
  const event = sent.at(-1 - choose(Math.min(sent.length, 40)))!;
  const zero = { ledger: 0, code: 0, debitAccountId: ZERO_ID, creditAccountId: ZERO_ID };
  const changes: Partial<NewTransfer>[] = [
    { flags: event.flags ^ (1 << choose(9)) },
    { pendingId: idOf(10_000 + choose(sent.length)) },
    { timeoutSeconds: choose(3) },
    { debitAccountId: idOf(choose(12)) },
    { creditAccountId: idOf(choose(12)) },
    { amount: toAmount(choose) },
    { amount: event.amount === MAX_AMOUNT ? 0n : event.amount + 1n },
    { userData: idOf(choose(3)) },
    { ledger: choose(4) },
    { code: choose(3) },
    { ...zero, amount: (event.flags & Flag.VOID_PENDING) === 0 ? MAX_AMOUNT : 0n },
  ];
  return { ...event, ...changes[choose(22)] };
}

/** Anything, sense or not. */
function toOddity(
  id: Id,
  sent: readonly NewTransfer[],
  nowUs: number,
  choose: Choose,
): NewTransfer {
  const ids = [ZERO_ID, MAX_ID, id, id, id, sent[choose(sent.length)]!.id];
  const accounts = [ZERO_ID, MAX_ID, idOf(1), idOf(2), idOf(3), idOf(8), idOf(99)];
  return {
    id: ids[choose(10)] ?? id,
    debitAccountId: accounts[choose(7)]!,
    creditAccountId: accounts[choose(7)]!,
    amount: toAmount(choose),
    pendingId: [ZERO_ID, ZERO_ID, ...ids][choose(8)]!,
    timeoutSeconds: [0, 0, 0, 1, 10 ** 10][choose(5)]!,
    ledger: choose(4),
    code: choose(3),
    flags: choose(3) === 0 ? choose(300) : [0, 2, 4, 8][choose(4)]!,
    userData: ZERO_ID,
    ...(choose(4) === 0 && { expiresAtUs: nowUs + choose(2) * 1_000_000 }),
  };
}
