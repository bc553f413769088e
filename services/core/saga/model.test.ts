import fc from "fast-check";
import { sql } from "kysely";
import { expect, test } from "vitest";
import { callKey } from "#mesh/idempotent-call.ts";
import type { Withdrawal } from "../domain/withdrawal.ts";
import { hearPayouts } from "../operations/hear-payouts.ts";
import { findChanged } from "../store/withdrawals.ts";
import { callOf, type TestWithdrawals, testWithdrawals } from "../testing/test-withdrawals.ts";
import type { Mishap } from "../testing/trouble.ts";
import { advance } from "./advance.ts";
import { newOrder, takeOrders } from "./take-order.ts";

const methods = ["createHolds", "captureHolds", "releaseHolds", "refundHolds"] as const;
const outcomes = ["PENDING", "SENDING", "UNKNOWN", "SUCCEEDED", "FAILED"] as const;

const mishap = fc.record({
  kind: fc.constant("mishap" as const),
  method: fc.constantFrom(...methods, "createPayouts" as const, "getPayout" as const),
  as: fc.constantFrom<Mishap>("AWAY", "LOST", "PART", "INVALID"),
});
const withdraw = fc.record({
  kind: fc.constant("withdraw" as const),
  merchant: fc.nat(1),
  amount: fc.integer({ min: 1, max: 60 }),
  outcome: fc.constantFrom(...outcomes),
});
/** Rows as they are now, or as a process that slept since has read them, advanced by one or two. */
const work = fc.record({
  kind: fc.constant("work" as const),
  isOld: fc.boolean(),
  processes: fc.integer({ min: 1, max: 3 }),
  isCutShort: fc.boolean(),
});
/** A process does all of it but for writing it down; what it had paid may come back at once. */
const crash = fc.record({
  kind: fc.constant("crash" as const),
  at: fc.nat(9),
  comesBack: fc.boolean(),
});
const sweep = fc.record({ kind: fc.constant("sweep" as const) });
const settle = fc.record({
  kind: fc.constant("settle" as const),
  at: fc.nat(9),
  to: fc.constantFrom("SUCCEEDED", "FAILED", "CANCELLED", "SENDING", "UNKNOWN", "RETURNED"),
});
/** News of a payout, the latest or any earlier one. */
const news = fc.record({ kind: fc.constant("news" as const), at: fc.nat(9), age: fc.nat(3) });

type Action =
  | (typeof mishap extends fc.Arbitrary<infer A> ? A : never)
  | (typeof withdraw extends fc.Arbitrary<infer A> ? A : never)
  | (typeof work extends fc.Arbitrary<infer A> ? A : never)
  | (typeof crash extends fc.Arbitrary<infer A> ? A : never)
  | (typeof sweep extends fc.Arbitrary<infer A> ? A : never)
  | (typeof settle extends fc.Arbitrary<infer A> ? A : never)
  | (typeof news extends fc.Arbitrary<infer A> ? A : never);

type Payout = ReturnType<TestWithdrawals["settlement"]["move"]>;

/** What has happened in a run, as a naive observer notes it. */
type Run = {
  readonly merchants: readonly string[];
  readonly ids: string[];
  readonly amounts: Map<string, { readonly merchant: string; readonly amount: bigint }>;
  readonly snapshots: Withdrawal[][];
  readonly told: Map<string, Payout[]>;
};

const ends = new Set(["SUCCEEDED", "FAILED", "CANCELLED", "RETURNED"]);
/** Where a payout of settlement may go from a state. */
const ways: Readonly<Record<string, readonly string[]>> = {
  PENDING: ["SENDING", "CANCELLED", "FAILED", "SUCCEEDED", "UNKNOWN"],
  SENDING: ["UNKNOWN", "SUCCEEDED", "FAILED"],
  UNKNOWN: ["SENDING", "SUCCEEDED", "FAILED"],
  SUCCEEDED: ["RETURNED"],
};
const nameOfState = ["", "PENDING", "SENDING", "SUCCEEDED", "FAILED", "UNKNOWN", "CANCELLED"];
const stateOf = (payout: Pick<Payout, "state">) => nameOfState[payout.state] ?? "RETURNED";

test("whatever fails, is repeated or comes late, money is held, taken and given back once", async () => {
  await using world = await testWithdrawals();
  const others = [world.another(), world.another()];
  const processes = [world, ...others];
  const action = fc.oneof(
    { weight: 3, arbitrary: withdraw },
    { weight: 4, arbitrary: mishap },
    { weight: 4, arbitrary: work },
    { weight: 3, arbitrary: crash },
    { weight: 2, arbitrary: sweep },
    { weight: 3, arbitrary: settle },
    { weight: 2, arbitrary: news },
  );
  const seen = new Set<string>();
  const actions = fc.array(action, { minLength: 10, maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(actions, async (all) => {
      const run: Run = {
        merchants: [await world.merchant(100n), await world.merchant(100n)],
        ids: [],
        amounts: new Map(),
        snapshots: [],
        told: new Map(),
      };
      for (const one of all) await act(world, processes, run, one);
      await heal(world, run);
      await check(world, run, seen);
    }),
    { numRuns: 50 },
  );
  expect(seen).toEqual(ends);
}, 120_000);

async function act(
  world: TestWithdrawals,
  processes: readonly Pick<TestWithdrawals, "saga" | "sweep">[],
  run: Run,
  action: Action,
): Promise<void> {
  const { ledger, settlement, saga } = world;
  switch (action.kind) {
    case "mishap": {
      const peer = (action.method in { createPayouts: 0, getPayout: 0 }
        ? settlement.trouble
        : ledger.trouble) as unknown as { next: Record<string, Mishap[]> };
      (peer.next[action.method] ??= []).push(action.as);
      return;
    }
    case "withdraw": {
      const merchantId = run.merchants[action.merchant]!;
      const call = callOf(merchantId).values.get(callKey)!;
      const order = newOrder({ call, merchantId, amount: BigInt(action.amount), endMs: 0 });
      await takeOrders(saga, [order]);
      run.ids.push(order.id);
      run.amounts.set(order.id, { merchant: merchantId, amount: order.amount });
      const before = settlement.script.outcome;
      const isMine = (id: string) => id === order.id;
      settlement.script.outcome = (id) => (isMine(id) ? action.outcome : before(id));
      run.snapshots.push(await rowsOf(world, run));
      return;
    }
    case "work": {
      const now = await rowsOf(world, run);
      const old = run.snapshots[action.processes % Math.max(1, run.snapshots.length)];
      const rows = action.isOld ? (old ?? now) : now;
      run.snapshots.push(now);
      const endMs = Date.now() + (action.isCutShort ? 5 : 200);
      const some = processes.slice(0, action.processes);
      await Promise.all(some.map(async (one) => advance(one.saga, rows, endMs)));
      return;
    }
    case "crash": {
      const db = undefined as unknown as typeof world.db;
      const rows = await rowsOf(world, run);
      await advance({ ...saga, db }, rows, Date.now() + 200).catch(() => {});
      const all = run.ids.flatMap((id) => settlement.payouts.get(id) ?? []);
      const paid = all.filter((one) => stateOf(one) === "SUCCEEDED");
      const payout = paid.at(-1 - (action.at % Math.max(1, paid.length)));
      if (!action.comesBack || payout === undefined) return;
      const back = settlement.move(payout.id, "RETURNED");
      note(run, back);
      await hear(world, [back]);
      return;
    }
    case "sweep":
      await world.letTimePass();
      await Promise.all(processes.slice(0, 2).map(async (one) => one.sweep()));
      return;
    case "settle": {
      const all = run.ids.flatMap((id) => settlement.payouts.get(id) ?? []);
      const some = all.filter((one) => ways[stateOf(one)]?.includes(action.to));
      const payout = some[action.at % Math.max(1, some.length)];
      if (payout !== undefined) note(run, settlement.move(payout.id, action.to));
      return;
    }
    case "news": {
      const told = [...run.told.values()][action.at % Math.max(1, run.told.size)] ?? [];
      const payout = told.at(-1 - action.age);
      if (payout !== undefined) await hear(world, [payout]);
    }
  }
}

function note(run: Run, payout: Payout): void {
  const told = run.told.get(payout.id) ?? [];
  run.told.set(payout.id, [...told, payout]);
}

async function rowsOf({ db }: TestWithdrawals, { ids }: Run): Promise<Withdrawal[]> {
  if (ids.length === 0) return [];
  const found = await findChanged(
    db.sql,
    ids.map((id) => ({ id, version: 0 })),
  );
  return found.map(({ row }) => row);
}

async function hear({ db }: TestWithdrawals, payouts: Payout[]): Promise<void> {
  const $typeName = "mizan.settlement.v1.PayoutsChanged" as const;
  await hearPayouts(db.sql, { $typeName, payouts });
}

/** All peers are well again, every payout ends, all news arrive, and time passes. */
async function heal(world: TestWithdrawals, run: Run): Promise<void> {
  const { ledger, settlement } = world;
  for (const { next } of [ledger.trouble, settlement.trouble]) {
    for (const left of Object.values(next)) left.length = 0;
  }
  const isOpen = (rows: readonly Withdrawal[]) => rows.some(({ state }) => !ends.has(state));
  for (let pass = 0; isOpen(await rowsOf(world, run)); pass += 1) {
    if (pass > 5) throw new Error("it does not end");
    for (const id of run.ids) {
      const payout = settlement.payouts.get(id);
      const isSettled = payout === undefined || ends.has(stateOf(payout));
      if (!isSettled) note(run, settlement.move(id, "SUCCEEDED"));
    }
    await world.letTimePass();
    await world.sweep();
  }
  for (const told of run.told.values()) await hear(world, told.toReversed());
  await world.letTimePass();
  await world.sweep();
}

/** Compares what there is with what the verdicts of ledger and bank alone make of it. */
async function check(world: TestWithdrawals, run: Run, seen: Set<string>): Promise<void> {
  const { ledger, settlement, db } = world;
  const rows = await rowsOf(world, run);
  expect(rows).toHaveLength(run.ids.length);
  const left = new Map(run.merchants.map((id) => [id, 100n]));
  for (const { id, state, version, payoutState } of rows) {
    const { merchant, amount } = run.amounts.get(id)!;
    const hold = ledger.holds.get(id);
    const payout = settlement.payouts.get(id);
    const wanted = hold === undefined ? "FAILED" : stateOf(payout!);
    expect([id, state]).toEqual([id, wanted]);
    seen.add(state);
    expect(hold === undefined).toBe(payout === undefined); // nobody is paid without a hold
    expect(hold === undefined).toBe(payoutState === undefined);
    const isFree = wanted === "FAILED" || wanted === "CANCELLED";
    const end = { state: isFree ? "RELEASED" : "CAPTURED", endings: wanted === "RETURNED" ? 2 : 1 };
    expect(hold ?? end).toMatchObject(end);
    expect(settlement.paid.filter((one) => one === id).length).toBeLessThanOrEqual(1);
    expect(version).toBeGreaterThanOrEqual(2);
    if (state === "SUCCEEDED") left.set(merchant, left.get(merchant)! - amount);
  }
  for (const [merchant, credit] of left) expect(ledger.credits.get(merchant)).toBe(credit);
  const { rows: told } = await sql<{ count: number; id: string }>`
    select values ->> 'withdrawal_id' as id, count(*) as count from notification
    where person_id = any(${[...run.merchants]}::uuid[]) group by 1`.execute(db.sql);
  const counts = new Map(told.map(({ id, count }) => [id, count]));
  for (const { id, state } of rows) {
    expect([id, counts.get(id)]).toEqual([id, state === "RETURNED" ? 2 : 1]);
  }
  const { rows: due } = await sql`select id from withdrawal where due_at is not null
    and merchant_id = any(${[...run.merchants]}::uuid[])`.execute(db.sql);
  expect(due).toEqual([]);
}
