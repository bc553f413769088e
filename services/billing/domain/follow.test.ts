import fc from "fast-check";
import { expect, test } from "vitest";
import type { Account, Id } from "./account.ts";
import { columnsOf } from "./account-columns.ts";
import { follow } from "./follow.ts";
import { createLedger, type Ledger, ledgerOf } from "./ledger.ts";
import { createMemory, type LedgerState, type Memory } from "./memory.ts";
import {
  firstAccounts,
  firstTransfers,
  type Numbers,
  toAccount,
  toTransfers,
} from "./random-transfers.ts";
import type { NewTransfer, StoredTransfer } from "./transfer.ts";

const nothing: LedgerState = {
  ledgers: new Set([1, 2]),
  accounts: [],
  openPendings: [],
  lastSeq: 0,
  lastAtUs: 0,
  lastSlot: 0,
};

test(
  "WR-6 memory that follows becomes what a fresh load would make it",
  { timeout: 60_000 },
  () => {
    const lists = fc.array(command, { minLength: 60, maxLength: 60 });
    const property = fc.property(lists, (commands) => {
      const world = createWorld();
      for (const { action, clockUs, events } of commands) {
        world.nowUs += clockUs;
        execute(world, action, events);
      }
      commit(world);
      catchUp(world, 5);
      const fresh = load(world);
      expect(shownOf(world.standby)).toEqual(shownOf(fresh));
      expect(expireAll(world.standby)).toEqual(expireAll(fresh)); // they go on alike
    });
    fc.assert(property, { numRuns: 300 });
  },
);

/** All that a fresh load knows. */
function shownOf({ accounts, pendings, lastSeq, lastAtUs, lastSlot, nowUs }: Memory) {
  const open = [...pendings.all()].toSorted((one, other) => one.seq - other.seq);
  const slots = Array.from({ length: lastSlot + 1 }, (_, slot) => accounts.at(slot));
  const byId = slots.map((account) => account && accounts.find(account.id));
  const owners = slots.map((account) => account && accounts.ofOwner(account.userData));
  const bySlot = slots.map((_, slot) => pendings.ofAccount(slot, 100));
  const due = { row: pendings.first()?.row, atUs: pendings.first()?.expiresAtUs };
  return { slots, byId, owners, open, bySlot, due, lastSeq, lastAtUs, lastSlot, nowUs };
}

/** Ends all that ever ends by itself. */
function expireAll(memory: Memory) {
  const ledger = ledgerOf(memory);
  ledger.expireDue(Number.MAX_SAFE_INTEGER - 1e6);
  const { touched, ...changes } = ledger.takeChanges();
  return { ...changes, touched: touched.toSorted((one, other) => one.slot - other.slot) };
}

/** What a writer has stored, and the memory of one that follows it. */
type World = {
  readonly ledger: Ledger;
  readonly standby: Memory;
  readonly sent: NewTransfer[];
  nowUs: number;
  /** What is stored: all accounts as they are now, all transfers, and which of them are open. */
  readonly accounts: Account[];
  readonly transfers: StoredTransfer[];
  readonly open: Map<Id, StoredTransfer>;
  lastAtUs: number;
};

function createWorld(): World {
  const ledger = createLedger(nothing);
  const stored = { accounts: [], transfers: [], open: new Map<Id, StoredTransfer>(), lastAtUs: 0 };
  const nowUs = 1_790_000_000_000_000;
  ledger.createAccounts(firstAccounts, nowUs);
  ledger.createTransfers(firstTransfers, nowUs);
  return { ledger, standby: createMemory(nothing), sent: [...firstTransfers], nowUs, ...stored };
}

const command = fc.record({
  action: fc.nat(99),
  clockUs: fc.constantFrom(0, 0, 1, 400_000, 1_000_000, 3_000_000),
  events: fc.array(
    fc.tuple(fc.nat(99), fc.nat(2 ** 31 - 1), fc.nat(2 ** 31 - 1), fc.nat(2 ** 31 - 1)),
    { minLength: 1, maxLength: 6 },
  ),
});

function execute(world: World, action: number, events: readonly Numbers[]) {
  const { ledger, sent, nowUs } = world;
  if (action < 60) {
    const versionOf = (id: Id) => ledger.account(id)?.version;
    const transfers = toTransfers({ sent, nowUs, versionOf }, events);
    ledger.createTransfers(transfers, nowUs);
    sent.push(...transfers);
  } else if (action < 70) ledger.createAccounts(events.map(toAccount), nowUs);
  else if (action < 80) ledger.expireDue(nowUs);
  else commit(world);
  if (action >= 90) catchUp(world, action === 99 ? 1 : 3);
}

function commit(world: World) {
  const { accounts, transfers, opened, closed, lastAtUs } = world.ledger.takeChanges();
  world.accounts.push(...accounts);
  world.transfers.push(...transfers);
  for (const row of opened) world.open.set(row.id, row);
  for (const row of closed) world.open.delete(row.id);
  world.lastAtUs = lastAtUs;
}

/** Follows as far as is stored, so many transfers at a time. */
function catchUp({ standby, accounts, transfers, lastAtUs }: World, limit: number) {
  while (standby.lastAtUs < lastAtUs) {
    const part = transfers.slice(standby.lastSeq, standby.lastSeq + limit);
    follow(standby, {
      accounts: structuredClone(accounts.slice(standby.lastSlot)),
      transfers: structuredClone(part),
      lastAtUs: part.length < limit ? lastAtUs : part.at(-1)!.atUs,
    });
  }
}

function load({ ledger, accounts, open, lastAtUs }: World): Memory {
  const { lastSeq } = ledger;
  const state = { openPendings: structuredClone([...open.values()]), lastSeq, lastAtUs };
  const lastSlot = accounts.length;
  return createMemory({ ...nothing, ...state, lastSlot, accounts: columnsOf(accounts) });
}
