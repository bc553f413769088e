import fc from "fast-check";
import { expect, test } from "vitest";
import { createPendingsBySlot } from "./account-pendings.ts";
import { createLedger } from "./ledger.ts";
import { accountOf, idOf, transferOf } from "./ledger-pair.ts";
import { type NewTransfer, type StoredTransfer, TransferKinds } from "./transfer.ts";

const names = ["a", "b", "c", "d"];
const numbers = fc.tuple(fc.nat(9), fc.nat(1000), fc.nat(1000));

test("EXT-4 an account has the pendings that nothing has resolved, whatever was undone", () => {
  const batch = fc.record({ isDry: fc.boolean(), steps: fc.array(numbers, { maxLength: 12 }) });
  fc.assert(
    fc.property(fc.array(batch, { maxLength: 25, size: "max" }), (batches) => {
      const state = { accounts: [], openPendings: [], lastSeq: 0, lastAtUs: 0, lastSlot: 0 };
      const ledger = createLedger({ ledgers: new Set([1]), ...state });
      ledger.createAccounts(
        names.map((name) => accountOf(name)),
        1,
      );
      const rows: StoredTransfer[] = [];
      for (const [round, { isDry, steps }] of batches.entries()) {
        const events = steps.map((step, place) => eventOf(step, `${round}/${place}`, rows));
        const atUs = (1 + round) * 1_000_000;
        if (isDry) ledger.dryRun(events, atUs);
        else ledger.createTransfers(events, atUs);
        rows.push(...ledger.takeChanges().transfers);
        for (const name of names) {
          const { slot } = ledger.account(idOf(name))!;
          const open = openOf(rows, slot);
          const found = ledger.openPendingsOf(slot, 3);
          expect(found.rows.map(({ seq }) => seq)).toEqual(open.slice(0, 3));
          expect(found.count).toBe(open.length);
        }
      }
    }),
  );
});

/** The twin: every row is looked at. */
function openOf(rows: readonly StoredTransfer[], slot: number): number[] {
  const resolved = new Set(rows.map(({ pendingId }) => pendingId));
  return rows
    .filter(({ debitSlot, creditSlot }) => debitSlot === slot || creditSlot === slot)
    .filter(({ kind, id }) => kind === TransferKinds.PENDING && !resolved.has(id))
    .map(({ seq }) => seq);
}

/** A hold, the end of a hold, or something that fails and takes its chain with it. */
function eventOf(
  [action, one, other]: readonly [number, number, number],
  name: string,
  rows: readonly StoredTransfer[],
): NewTransfer {
  const linked = other % 3 === 0 ? 1 : 0;
  const sides = [names[one % 4]!, names[(one + 1 + (other % 3)) % 4]!] as const;
  if (action === 0) return transferOf(name, "nobody", "a", { flags: linked });
  if (action < 5) {
    const timeoutSeconds = other % 2 === 0 ? 0 : 1 + (other % 4);
    return transferOf(name, ...sides, { amount: 5n, flags: 2 + linked, timeoutSeconds });
  }
  const pendings = rows.filter(({ kind }) => kind === TransferKinds.PENDING);
  const pendingId = pendings[one % Math.max(pendings.length, 1)]?.id ?? idOf("nothing");
  const none = { debitAccountId: idOf("zero"), creditAccountId: idOf("zero"), ledger: 0, code: 0 };
  const flags = (action < 8 ? 4 : 8) + linked;
  return { ...transferOf(name, "a", "b", { pendingId, flags }), ...none };
}

test("EXT-4 of many pendings most of which are resolved the oldest come first", () => {
  const pendings = createPendingsBySlot();
  const row = transferOf("x", "a", "b") as unknown as StoredTransfer;
  const all = Array.from({ length: 1000 }, (_, seq) => {
    return { row: { ...row, seq, debitSlot: 1, creditSlot: 2 }, isOpen: true };
  });
  for (const one of all) pendings.add(one);
  for (const one of all) if (one.row.seq % 100 !== 7) pendings.remove(one);
  const { rows, count } = pendings.find(2, 4);
  expect([rows.map(({ seq }) => seq), count]).toEqual([[7, 107, 207, 307], 10]);
  pendings.add({ row: { ...all[150]!.row }, isOpen: true }); // its chain was undone
  expect(pendings.find(1, 3).rows.map(({ seq }) => seq)).toEqual([7, 107, 150]);
  expect(pendings.find(3, 3)).toEqual({ rows: [], count: 0 });
});
