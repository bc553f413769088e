import fc from "fast-check";
import { expect, test } from "vitest";
import { idOf } from "./ledger-pair.ts";
import { createOpenPendings } from "./open-pendings.ts";
import { type StoredTransfer, TransferKinds } from "./transfer.ts";

function pendingOf(seq: number, timeoutSeconds: number): StoredTransfer {
  const counters = { debitPendingAfter: 0n, debitPostedAfter: 0n, debitVersion: 1 };
  const others = { creditPendingAfter: 0n, creditPostedAfter: 0n, creditVersion: 1 };
  return {
    seq,
    id: idOf(String(seq)),
    kind: TransferKinds.PENDING,
    code: 1,
    flags: 2,
    ledger: 1,
    debitSlot: 1,
    creditSlot: 2,
    amount: 1n,
    pendingId: idOf("zero"),
    pendingAtUs: 0,
    timeoutSeconds,
    userData: idOf("zero"),
    atUs: seq,
    ...counters,
    ...others,
  };
}

test("the first to expire leads, whatever was added and removed in whatever order", () => {
  const step = fc.record({ action: fc.nat(3), number: fc.nat(1000) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 100, size: "max" }), (steps) => {
      const pendings = createOpenPendings();
      const model: StoredTransfer[] = [];
      for (const [index, { action, number }] of steps.entries()) {
        if (action === 0 && model.length > 0) {
          const [gone] = model.splice(number % model.length, 1);
          pendings.remove(gone!.id);
        } else {
          const row = pendingOf(index + 1, number % 97);
          model.push(row);
          pendings.add(row);
        }
        const expiring = model.filter(({ timeoutSeconds }) => timeoutSeconds > 0);
        const [first] = expiring.toSorted(
          (one, other) => one.timeoutSeconds - other.timeoutSeconds || one.seq - other.seq,
        );
        expect(pendings.first()?.row).toBe(first);
      }
      const found = steps.map((_step, place) => pendings.find(idOf(String(place + 1))));
      expect(found.filter((row) => row !== undefined)).toEqual(model);
    }),
  );
});

test("the others stay in order when one from the middle is resolved", () => {
  const pendings = createOpenPendings();
  const rows = [1, 10, 2, 11, 12, 20, 4].map((seconds, index) => pendingOf(index + 1, seconds));
  for (const row of rows) pendings.add(row);
  pendings.remove(rows[3]!.id); // the one of 11 seconds: that of 4 takes its place, and rises
  const order = [];
  for (let next = pendings.first(); next !== undefined; next = pendings.first()) {
    order.push(next.row.timeoutSeconds);
    pendings.remove(next.row.id);
  }
  expect(order).toEqual([1, 2, 4, 10, 12, 20]);
});

test("of two that expire at once the older one leads", () => {
  const pendings = createOpenPendings();
  const older = { ...pendingOf(1, 2), atUs: 1_000_000 };
  const younger = { ...pendingOf(2, 1), atUs: 2_000_000 };
  pendings.add(younger);
  pendings.add(older);
  expect(pendings.first()).toMatchObject({ row: older, expiresAtUs: 3_000_000 });
});

test("removing what is not there changes nothing", () => {
  const pendings = createOpenPendings();
  pendings.add(pendingOf(1, 1));
  pendings.remove(idOf("2"));
  expect(pendings.first()?.row.seq).toBe(1);
});
