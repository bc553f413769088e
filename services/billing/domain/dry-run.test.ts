import { strict as assert } from "node:assert";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createLedger, type Ledger } from "./ledger.ts";
import { accountOf, createLedgerPair, transferOf } from "./ledger-pair.ts";
import { runTable } from "./ledger-table.ts";
import {
  firstAccounts,
  firstTransfers,
  idOf,
  type Numbers,
  toAccount,
  toTransfers,
} from "./random-transfers.ts";
import { type NewTransfer, TransferFlags, type TransferResult } from "./transfer.ts";

test("EXT-2 a dry run answers like a run, and the run after it like the first one", () => {
  expect(
    runTable(`
    account A1 D<C : created
    account A2     : created
    set A1 c=100
    transfer H1 A1 A2 10 PEN          : created
    commit
    dry transfer T1 A1 A2 60          : created 60
    dry transfer T1 A1 A2 60          : exists 60
    dry transfer T2 A1 A2 60          : exceeds_credits
    dry transfer T2 A1 A2 1           : id_already_failed
    dry post P1 H1 4                  : created 4
    dry void V1 H1 0                  : pending_transfer_already_posted
    dry transfer H2 A1 A2 7 PEN CLSDR : created 7
    dry transfer T3 A2 A1 7           : credit_account_already_closed
    dry void V2 H2 0                  : created 7
    lookup A1 dp=10 c=100
    lookup A2 cp=10
    transfer T2 A1 A2 60              : created 60
    transfer T1 A1 A2 60              : exceeds_credits
    void V1 H1 0                      : created 10
    lookup A1 d=60 c=100
  `).deviations,
  ).toEqual([]);
});

test("EXT-2 CHAIN-3 chains of a dry run stand and fall, and none of them stays", () => {
  expect(
    runTable(`
    account A1 D<C : created
    account A2     : created
    set A1 c=10
    dry transfer T1 A1 A2 4 LNK : created
    dry transfer T2 A1 A2 4     : created
    dry transfer T3 A1 A2 1 LNK : linked_event_failed
    dry transfer T4 A1 A2 3     : exceeds_credits
    dry transfer T5 A1 A2 2     : created
    dry transfer T6 A1 A2 0 LNK : linked_event_chain_open
    lookup A1 c=10
    lookup A2
    transfer T4 A1 A2 3 LNK     : created
    transfer T3 A1 A2 7         : created
  `).deviations,
  ).toEqual([]);
});

test("EXT-2 CHAIN-7 what is due expires for good before a dry run, as before any read", () => {
  const { ledger, deviations } = runTable(`
    account A1 D<C : created
    account A2     : created
    set A1 c=10
    transfer H1 A1 A2 9 PEN timeout=1 : created
    tick 1
    dry transfer T1 A1 A2 10          : created
    dry post P1 H1 all                : pending_transfer_expired
    lookup A1 c=10
  `);
  expect(deviations).toEqual([]);
  const rows = ledger.takeChanges().transfers;
  expect(rows.map(({ kind }) => kind)).toEqual([1, 2, 5]); // the set-up, the hold, its expiry
});

test("EXT-2 a dry run takes no seq and no id, and leaves nothing to store", () => {
  const pair = createLedgerPair();
  pair.createAccounts([accountOf("A1"), accountOf("A2")]);
  pair.ledger.takeChanges();
  const { lastSeq, lastAtUs } = pair.ledger;
  const hold = transferOf("T2", "A1", "A2", { flags: TransferFlags.PENDING, timeoutSeconds: 1 });
  const [first] = pair.dryRun([transferOf("T1", "A1", "A2"), hold, transferOf("T3", "A1", "A9")]);
  expect(first).toMatchObject({ status: "created", transfer: { seq: 1 }, debit: { version: 1 } });
  const nothing = { accounts: [], transfers: [], touched: [], opened: [], closed: [], failed: [] };
  expect(pair.ledger.takeChanges()).toEqual({ ...nothing, lastSeq, lastAtUs });
  expect(pair.ledger.nextExpiryUs()).toBeUndefined();
});

test("EXT-2 the answer of a dry run stays what it was, whatever becomes of the hold that it shows", () => {
  const pair = createLedgerPair();
  pair.createAccounts([accountOf("A1"), accountOf("A2")]);
  const hold = transferOf("H1", "A1", "A2", { flags: TransferFlags.PENDING, amount: 3n });
  pair.createTransfers([hold]);
  const more = { flags: TransferFlags.VOID_PENDING, pendingId: hold.id };
  const [, shown] = pair.dryRun([transferOf("V1", "zero", "zero", more), hold]);
  expect(shown?.transfer?.resolution).toBe("voided");
  expect(pair.ledger.transfer(hold.id)?.resolution).toBeUndefined();
});

test("EXT-2 the worked example of docs/ledger.md is true", () => {
  expect(
    runTable(`
    account ada D<C : created
    account revenue : created
    set ada c=1000
    dry transfer T1 ada revenue 600 : created
    dry transfer T2 ada revenue 600 : exceeds_credits
    lookup ada c=1000
    dry transfer T2 ada revenue 600 : created
    dry transfer T1 ada revenue 600 : exceeds_credits
    lookup ada c=1000
    transfer T2 ada revenue 600     : created
    transfer T1 ada revenue 600     : exceeds_credits
    lookup ada d=600 c=1000
    dry transfer T1 ada revenue 400 : id_already_failed
    lookup ada d=600 c=1000
    dry transfer T3 ada revenue 400 : created
    lookup ada d=600 c=1000
  `).deviations,
  ).toEqual([]);
});

const numbers = fc.tuple(fc.nat(99), fc.nat(2 ** 31 - 1), fc.nat(2 ** 31 - 1), fc.nat(2 ** 31 - 1));
const command = fc.record({
  action: fc.nat(9),
  stepUs: fc.constantFrom(0, 1, 700_000, 1_000_000, 3_000_000),
  events: fc.array(numbers, { minLength: 1, maxLength: 8 }),
});

test("EXT-2 a ledger with dry runs is the same as its twin without, and they tell the future", () => {
  const seen = new Set<string>();
  const lists = fc.array(command, { minLength: 30, maxLength: 30 });
  fc.assert(
    fc.property(lists, (commands) => {
      const world = createWorld(seen);
      for (const one of commands) execute(world, one);
      commit(world);
    }),
    { numRuns: 300 },
  );
  const some = ["created", "exists", "id_already_failed", "linked_event_failed", "exceeds_credits"];
  const others = ["pending_transfer_already_posted", "version_mismatch", "condition_not_met"];
  expect([...seen]).toEqual(expect.arrayContaining([...some, ...others]));
});

type World = {
  readonly ledger: Ledger;
  /** It never hears of a dry run. */
  readonly twin: Ledger;
  readonly sent: NewTransfer[];
  readonly seen: Set<string>;
  nowUs: number;
};

type Command = { action: number; stepUs: number; events: Numbers[] };

function createWorld(seen: Set<string>): World {
  const nothing = { accounts: [], openPendings: [], lastSeq: 0, lastAtUs: 0, lastSlot: 0 };
  const newLedger = () => createLedger({ ledgers: new Set([1, 2]), ...nothing });
  const sent = [...firstTransfers];
  const [ledger, twin, nowUs] = [newLedger(), newLedger(), 1_790_000_000_000_000];
  for (const one of [ledger, twin]) {
    one.createAccounts(firstAccounts, nowUs);
    one.createTransfers(firstTransfers, nowUs);
  }
  return { ledger, twin, sent, seen, nowUs };
}

function execute(world: World, { action, stepUs, events }: Command) {
  const { ledger, twin, sent, seen } = world;
  world.nowUs += stepUs;
  const { nowUs } = world;
  if (action === 0) commit(world);
  else if (action === 1) {
    for (const one of [ledger, twin]) one.createAccounts(events.map(toAccount), nowUs);
  } else {
    const versionOf = (id: string) => ledger.account(id)?.version;
    const made = toTransfers({ sent, nowUs, versionOf }, events);
    if (action >= 4) for (const one of [ledger, twin]) expireAll(one, nowUs);
    const foretold = ledger.dryRun(made, nowUs);
    for (const { status } of foretold) seen.add(status);
    twin.expireDue(nowUs);
    compare(world, made);
    if (action < 4) return;
    const before = structuredClone(foretold);
    const results = ledger.createTransfers(made, nowUs);
    assert.deepEqual([foretold, results], [before, before]);
    assert.deepEqual(twin.createTransfers(made, nowUs), results);
    sent.push(...made);
  }
  compare(world, []);
}

/** Each expiry moves the time on by a microsecond, by which another hold may be due. */
function expireAll(ledger: Ledger, nowUs: number) {
  while (ledger.expireDue(nowUs) > 0);
}

function commit({ ledger, twin }: World) {
  assert.deepEqual(ledger.takeChanges(), twin.takeChanges());
}

const slots = Array.from({ length: 16 }, (_, index) => index + 1);

/** All that a ledger shows to anybody. */
function compare({ ledger, twin, sent }: World, tried: readonly NewTransfer[]) {
  const observe = (one: Ledger) => ({
    lastSeq: one.lastSeq,
    lastAtUs: one.lastAtUs,
    nextExpiryUs: one.nextExpiryUs(),
    accounts: slots.map((slot) => one.bySlot(slot)),
    pendings: slots.map((slot) => one.openPendingsOf(slot, 5)),
    owners: [0, 1, 2].map((owner) => one.accountsOf(idOf(owner))),
    transfers: [...sent, ...tried].map(({ id }) => [one.transfer(id), one.isUsed(id)]),
    unknown: one.unknownIds([...sent, ...tried]),
  });
  assert.deepEqual(observe(ledger), observe(twin));
}

test("EXT-2 a dry run refuses what no caller may send, as a run does", () => {
  const { ledger, nowUs } = createLedgerPair();
  expect(() => ledger.dryRun([transferOf("T1", "A1", "A2", { amount: -1n })], nowUs)).toThrow(
    /is not/,
  );
  const results: TransferResult[] = ledger.dryRun([], nowUs);
  expect(results).toEqual([]);
});
