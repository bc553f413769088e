import { expect, test } from "vitest";
import { RECENT_TRANSFERS_PER_GENERATION } from "#mesh/limits.ts";
import { createLedger } from "./ledger.ts";
import { accountOf, idOf, transferOf } from "./ledger-pair.ts";
import { createRecentTransfers } from "./recent-transfers.ts";

const burned = (name: string) => ({ id: idOf(name), status: "exceeds_credits" as const });

test("an id stays for one rotation at least, and is forgotten after two", () => {
  const recent = createRecentTransfers(1);
  recent.add(burned("A"));
  recent.rotate();
  recent.add(burned("B"));
  recent.rotate();
  expect(recent.find(idOf("A"))).toBeUndefined();
  expect(recent.find(idOf("B"))).toEqual(burned("B"));
});

test("an id that is found stays for one more rotation", () => {
  const recent = createRecentTransfers(1);
  recent.add(burned("A"));
  recent.rotate();
  expect(recent.find(idOf("A"))).toEqual(burned("A"));
  recent.rotate();
  expect(recent.find(idOf("A"))).toEqual(burned("A"));
});

test("a generation that is not full does not rotate", () => {
  const recent = createRecentTransfers(3);
  recent.add(burned("A"));
  recent.add(burned("B"));
  recent.rotate();
  recent.rotate();
  expect(recent.find(idOf("A"))).toEqual(burned("A"));
});

test("a removed id is unknown, in whichever generation it was", () => {
  const recent = createRecentTransfers(1);
  recent.add(burned("A"));
  recent.rotate();
  recent.add(burned("B"));
  recent.remove(idOf("A"));
  recent.remove(idOf("B"));
  expect([recent.find(idOf("A")), recent.find(idOf("B"))]).toEqual([undefined, undefined]);
});

test("a ledger remembers its last hundred thousand transfers, and forgets older ones", () => {
  const nothing = { accounts: [], openPendings: [], lastSeq: 0, lastAtUs: 0, lastSlot: 0 };
  const ledger = createLedger({ ledgers: new Set([1]), ...nothing });
  ledger.createAccounts([accountOf("A1"), accountOf("A2")], 1);
  const batch = (number: number) =>
    Array.from({ length: 5000 }, (_, index) => transferOf(`${number}/${index}`, "A1", "A2"));
  const batches = RECENT_TRANSFERS_PER_GENERATION / 5000;
  for (let number = 0; number <= 2 * batches; number++) {
    ledger.createTransfers(batch(number), 1);
    ledger.takeChanges();
  }
  expect(ledger.unknownIds(batch(0))).toHaveLength(5000);
  expect(ledger.unknownIds(batch(batches + 1))).toEqual([]);
});
