import { expect, test } from "vitest";
import { createLedger } from "./ledger.ts";
import { accountOf, idOf, transferOf } from "./ledger-pair.ts";
import { TransferFlags } from "./transfer.ts";

const nowUs = 1_790_000_000_000_000;

/** A ledger with the accounts A1 and A2, which are stored already. */
function storedLedger() {
  const nothing = { accounts: [], openPendings: [], lastSeq: 0, lastAtUs: 0, lastSlot: 0 };
  const ledger = createLedger({ ledgers: new Set([1]), ...nothing, recentTransfers: 2 });
  ledger.createAccounts([accountOf("A1"), accountOf("A2")], nowUs);
  ledger.takeChanges();
  return ledger;
}

const hold = (name: string) => transferOf(name, "A1", "A2", { flags: TransferFlags.PENDING });

const end = (name: string, pending: string) =>
  transferOf(name, "zero", "zero", {
    flags: TransferFlags.VOID_PENDING,
    pendingId: idOf(pending),
    ledger: 0,
    code: 0,
  });

test("a commit stores each row and each touched account once", () => {
  const ledger = storedLedger();
  ledger.createTransfers([hold("T1"), hold("T2"), end("T3", "T1")], nowUs);
  const changes = ledger.takeChanges();
  expect(changes.transfers.map(({ seq }) => seq)).toEqual([1, 2, 3]);
  expect(changes.touched.map(({ id }) => id)).toEqual([idOf("A1"), idOf("A2")]);
  expect(changes).toMatchObject({ accounts: [], failed: [], lastSeq: 3, lastAtUs: nowUs + 4 });
  expect(ledger.takeChanges()).toMatchObject({ transfers: [], touched: [], lastSeq: 3 });
});

test("a new account is not among the touched ones", () => {
  const ledger = storedLedger();
  ledger.createAccounts([accountOf("A3")], nowUs);
  ledger.createTransfers([transferOf("T1", "A1", "A3", { amount: 2n })], nowUs);
  const changes = ledger.takeChanges();
  expect(changes.accounts).toMatchObject([{ slot: 3, creditsPosted: 2n, version: 1 }]);
  expect(changes.touched.map(({ slot }) => slot)).toEqual([1]);
});

test("a hold that is opened and resolved between two commits is neither opened nor closed", () => {
  const ledger = storedLedger();
  ledger.createTransfers([hold("T1"), hold("T2"), end("T3", "T1")], nowUs);
  const first = ledger.takeChanges();
  expect(first.opened.map(({ id }) => id)).toEqual([idOf("T2")]);
  expect(first.closed).toEqual([]);
  ledger.createTransfers([end("T4", "T2")], nowUs);
  expect(ledger.takeChanges()).toMatchObject({ opened: [], closed: [{ id: idOf("T2") }] });
});

test("a chain that was undone leaves no change but its burned id", () => {
  const ledger = storedLedger();
  const linked = { ...hold("T1"), flags: TransferFlags.PENDING | TransferFlags.LINKED };
  ledger.createTransfers([linked, end("T2", "nothing")], nowUs);
  expect(ledger.takeChanges()).toEqual({
    accounts: [],
    transfers: [],
    touched: [],
    opened: [],
    closed: [],
    failed: [{ id: idOf("T2"), status: "pending_transfer_not_found", atUs: nowUs + 1 }],
    lastSeq: 0,
    lastAtUs: nowUs + 1,
  });
});

test("memory asks the store for what it has forgotten, and decides like before", () => {
  const ledger = storedLedger();
  const events = [transferOf("T1", "A1", "A2"), end("T2", "nothing"), hold("T3")];
  expect(ledger.unknownIds(events)).toEqual(["T1", "T2", "nothing", "T3"].map(idOf));
  ledger.createTransfers(events, nowUs);
  const { transfers, failed } = ledger.takeChanges();
  expect(ledger.unknownIds(events)).toEqual([idOf("nothing")]); // not before the commit has ended
  for (const name of ["T4", "T5", "T6", "T7"]) {
    ledger.createTransfers([transferOf(name, "A1", "A2")], nowUs);
    ledger.takeChanges();
  }
  expect(ledger.unknownIds(events)).toEqual(["T1", "T2", "nothing"].map(idOf));
  ledger.learn(transfers, failed);
  expect(ledger.unknownIds(events)).toEqual([idOf("nothing")]);
  expect(ledger.createTransfers(events, nowUs)).toMatchObject([
    { status: "exists", transfer: { seq: 1 } },
    { status: "id_already_failed", failedWith: "pending_transfer_not_found" },
    { status: "exists", transfer: { seq: 2 } },
  ]);
});

test("memory believes itself rather than the store, which is one commit behind", () => {
  const ledger = storedLedger();
  ledger.createTransfers([hold("T1")], nowUs);
  const [stored] = structuredClone(ledger.takeChanges().transfers);
  ledger.createTransfers([end("T2", "T1")], nowUs);
  ledger.learn([stored!], []);
  const [late] = ledger.createTransfers([end("T3", "T1")], nowUs);
  expect(late?.status).toBe("pending_transfer_already_voided");
});

test("a hold that the store has open and memory does not know ends the call", () => {
  const ledger = storedLedger();
  ledger.createTransfers([hold("T1")], nowUs);
  const { transfers } = ledger.takeChanges();
  expect(() => storedLedger().learn(transfers, [])).toThrow(/open pending transfers/);
});
