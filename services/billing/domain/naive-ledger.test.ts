import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { expect, test } from "vitest";
import { derivedId, MAX_ID, ZERO_ID } from "#mesh/ids.ts";
import { accountStatuses, type Id, type NewAccount } from "./account.ts";
import { columnsOf } from "./account-columns.ts";
import { createLedger, type Ledger } from "./ledger.ts";
import { findAccount, openPendingsOf, shown } from "./naive-book.ts";
import { createNaiveLedger, type NaiveLedger } from "./naive-ledger.ts";
import {
  choices,
  firstAccounts,
  firstTransfers,
  idOf,
  type Numbers,
  toAccount,
  toTransfers,
} from "./random-transfers.ts";
import {
  type BurnedId,
  type NewRevert,
  type NewTransfer,
  revertStatuses,
  type StoredTransfer,
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
  const all = [
    ...transferStatuses,
    ...accountStatuses.map((status) => `account ${status}`),
    ...["created", "exists", "id_already_failed", ...revertStatuses, ...revertRefusals].map(
      (status) => `revert ${status}`,
    ),
  ];
  const unseen = all.filter((status) => !seen.has(status));
  expect(unseen).toEqual([]); // or the twins have agreed on too little
});

const revertRefusals = [
  "exists_with_different_flags",
  "exists_with_different_pending_id",
  "debit_account_already_closed",
  "credit_account_already_closed",
  "exceeds_credits",
  "exceeds_debits",
];

/** What a command does, what the clock does before, and numbers from which its events are made. */
const command = fc.record({
  action: fc.nat(99),
  clock: fc.nat(9),
  events: fc.array(
    fc.tuple(fc.nat(99), fc.nat(2 ** 31 - 1), fc.nat(2 ** 31 - 1), fc.nat(2 ** 31 - 1)),
    { minLength: 1, maxLength: 6 },
  ),
});

type Command = { action: number; clock: number; events: Numbers[] };

/** The two ledgers side by side, and what stands for the store between them. */
type Pair = {
  ledger: Ledger;
  readonly naive: NaiveLedger;
  /** What was handed out to be committed, and what of it the store has by now. */
  taken: Mark;
  stored: Mark;
  nowUs: number;
  readonly sent: NewTransfer[];
  readonly reverts: NewRevert[];
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
  const pair = { ledger, naive, taken: start, stored: start, nowUs, sent: [], reverts: [], seen };
  openAccounts(pair, firstAccounts);
  createTransfers(pair, firstTransfers, false);
  return pair;
}

function execute(pair: Pair, { action, clock, events }: Command) {
  pair.nowUs += clockSteps[clock]!;
  const { ledger, sent, nowUs } = pair;
  const past = { sent, nowUs, versionOf: (id: Id) => ledger.account(id)?.version };
  if (action < 58) createTransfers(pair, toTransfers(past, events), action % 3 === 0);
  else if (action < 62) dryRun(pair, toTransfers(past, events));
  else if (action < 70) for (const numbers of events) revert(pair, numbers);
  else if (action < 78) openAccounts(pair, events.map(toAccount));
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

/** A dry run leaves nothing that any later command could see: only the twin's answers say so. */
function dryRun(pair: Pair, events: readonly NewTransfer[]) {
  const { ledger, naive, nowUs } = pair;
  const found = readStore(pair, ledger.unknownIds(events));
  ledger.learn(found.rows, found.failed);
  compare(ledger.dryRun(events, nowUs), naive.dryRun(events, nowUs), events);
}

/** Reverts something, a mirror too; the mirror may be asked for again, as a transfer too. */
function revert(pair: Pair, numbers: Numbers) {
  const { ledger, naive, nowUs, seen, sent, reverts } = pair;
  const order = toRevert(numbers, sent, reverts);
  const found = readStore(pair, ledger.unknownIds([{ id: order.id, pendingId: order.originalId }]));
  ledger.learn(found.rows, found.failed);
  const result = ledger.revert(order, nowUs);
  compare(result, naive.revert(order, nowUs), order);
  seen.add(`revert ${result.status}`);
  reverts.push(order);
  const mirrored = sent.find(({ id }) => id === order.originalId);
  if (result.status === "created" && mirrored !== undefined) {
    const { debitAccountId, creditAccountId } = mirrored;
    const sides = { debitAccountId: creditAccountId, creditAccountId: debitAccountId };
    sent.push({ ...mirrored, ...sides, id: order.id, flags: 0, timeoutSeconds: 0 });
  }
}

function toRevert(
  numbers: Numbers,
  sent: readonly NewTransfer[],
  reverts: readonly NewRevert[],
): NewRevert {
  const choose = choices(numbers.slice(1));
  const again = choose(4) === 0 ? reverts.at(-1 - choose(Math.min(reverts.length, 9))) : undefined;
  const recent = sent.at(-1 - choose(Math.min(sent.length, 30)))!;
  const ids = [ZERO_ID, MAX_ID, recent.id, derivedId(`transfer/expire/${recent.id}`)];
  const fresh = idOf(50_000 + reverts.length);
  return {
    id: again !== undefined && choose(3) > 0 ? again.id : (ids[choose(50)] ?? fresh),
    originalId: again !== undefined && choose(2) > 0 ? again.originalId : recent.id,
    ...(choose(5) === 0 && { reference: "a reference" }),
  };
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
    if (row !== undefined) rows.push(shown(past, row));
    failed.push(...naive.book.failed.slice(0, stored.failed).filter((one) => one.id === id));
  }
  return { rows, failed };
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
    transfers: rows.map((row) => shown(book, row)),
    touched: accounts.slice(0, taken.slot).filter(({ slot }) => slots.has(slot)),
    opened: rows.filter(({ seq }) => isOpen.has(seq)),
    closed: book.rows
      .slice(0, taken.seq)
      .filter(({ atUs }) => ended.has(atUs))
      .map((row) => shown(book, row)),
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
    accounts: columnsOf(book.accounts.map(({ id }) => findAccount(book, id)!)),
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
