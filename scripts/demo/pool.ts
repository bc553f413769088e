import { minor, textOf } from "./amounts.ts";
import { type Actor, irr, type Step } from "./stage.ts";

/** Money for merchants comes in: an administrator fills the pool, twice with one key. */
export const fillPool: Step = {
  title: "The administrator puts money into the pool that pays merchants, twice with one key",
  async act({ admin, bank, run }) {
    const before = await poolOf(admin);
    const amount = irr("500000.00");
    for (const { name } of bank.banks) {
      // The money is at the banks that pay, or their statements would overdraw what we have there.
      const request = { requestId: `pool-${name}-${run}`, amount, bank: name, reference: "demo" };
      await admin.calls.credit.topUpPool(request);
      await admin.calls.credit.topUpPool(request);
    }
    const after = await poolOf(admin);
    const added = minor(amount) * BigInt(bank.banks.length);
    if (minor(after.totalToppedUp) !== minor(before.totalToppedUp) + added) {
      throw new Error("The pool did not get the money once.");
    }
    const names = bank.banks.map(({ name }) => name).join(" and at ");
    return [
      `the pool has ${textOf(after.available)} to pay with, and holds ${textOf(after.held)}`,
      `it was filled with ${textOf(after.totalToppedUp)}; ${textOf(amount)} now at ${names}, once each`,
    ];
  },
};

async function poolOf({ calls }: Actor) {
  const { pool } = await calls.credit.getPool({});
  if (pool === undefined) throw new Error("GetPool answered without a pool.");
  return pool;
}
