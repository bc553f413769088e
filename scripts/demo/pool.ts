import { minor, textOf } from "./amounts.ts";
import { type Actor, ASSET, type Step } from "./stage.ts";

/** Money for merchants comes in: an administrator fills the pool, twice with one key. */
export const fillPool: Step = {
  title: "The administrator puts money into the pool that pays merchants, twice with one key",
  async act({ admin, run }) {
    const before = await poolOf(admin);
    const amount = { asset: ASSET, amount: "1000000.00" };
    const request = { requestId: `pool-${run}`, amount, reference: "demo" };
    await admin.calls.credit.topUpPool(request);
    await admin.calls.credit.topUpPool(request);
    const after = await poolOf(admin);
    if (minor(after.totalToppedUp) !== minor(before.totalToppedUp) + minor(amount)) {
      throw new Error("The pool did not get the money once.");
    }
    return [
      `the pool has ${textOf(after.available)} to pay with, and holds ${textOf(after.held)}`,
      `it was filled with ${textOf(after.totalToppedUp)}, ${textOf(amount)} of it now, once`,
    ];
  },
};

async function poolOf({ calls }: Actor) {
  const { pool } = await calls.credit.getPool({});
  if (pool === undefined) throw new Error("GetPool answered without a pool.");
  return pool;
}
