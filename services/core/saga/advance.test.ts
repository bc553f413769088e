import { sql } from "kysely";
import { afterAll, beforeEach, expect, test } from "vitest";
import { callKey } from "#mesh/idempotent-call.ts";
import { newId } from "#mesh/ids.ts";
import { hearPayouts } from "../operations/hear-payouts.ts";
import { findChanged } from "../store/withdrawals.ts";
import { callOf, testWithdrawals } from "../testing/test-withdrawals.ts";
import { advance } from "./advance.ts";
import { newOrder, takeOrders } from "./take-order.ts";

const world = await testWithdrawals();
afterAll(async () => world[Symbol.asyncDispose]());
const { saga, ledger, settlement, db, log } = world;

beforeEach(() => {
  settlement.script.outcome = () => "SUCCEEDED";
  settlement.script.refusal = () => undefined;
});

/** Withdrawals that are stored, as after a crash right then. */
async function stored(count: number, credit = 1000n) {
  const merchantId = await world.merchant(credit);
  const orders = Array.from({ length: count }, () => {
    const call = callOf(merchantId).values.get(callKey)!;
    return newOrder({ call, merchantId, amount: 100n, endMs: 0 });
  });
  const verdicts = await takeOrders(saga, orders);
  const rows = verdicts.flatMap((one) => (one.kind === "STORED" ? [one.row] : []));
  expect(rows).toHaveLength(count);
  return { merchantId, rows, ids: rows.map(({ id }) => id) };
}

const soon = () => Date.now() + 2000;
const statesOf = async (ids: readonly string[]) => {
  const found = await findChanged(
    db.sql,
    ids.map((id) => ({ id, version: 0 })),
  );
  const states = new Map(found.map(({ row }) => [row.id, row.state]));
  return ids.map((id) => states.get(id));
};
const times = <T>(count: number, value: T) => Array.from({ length: count }, () => value);
const lastError = () => log.records.findLast(({ level }) => level === "error");

test.each(["LOST", "PART", "AWAY"] as const)(
  "O9 a call to the ledger or settlement that is %s is made again and has its effect once",
  async (mishap) => {
    const { merchantId, rows, ids } = await stored(4);
    Object.assign(ledger.trouble.next, { createHolds: [mishap], captureHolds: [mishap, mishap] });
    Object.assign(settlement.trouble.next, { createPayouts: [mishap] });
    await advance(saga, rows, soon());
    expect(await statesOf(ids)).toEqual(times(4, "SUCCEEDED"));
    expect(ledger.credits.get(merchantId)).toBe(600n);
    expect(settlement.paid.filter((id) => ids.includes(id))).toHaveLength(4);
    expect(ids.map((id) => ledger.holds.get(id)!.endings)).toEqual(times(4, 1));
  },
);

test("a step that is not answered in time is left to the next, at whatever step it was", async () => {
  const peers = [
    [ledger.trouble, "REQUESTED"],
    [settlement.trouble, "HELD"],
  ] as const;
  for (const [peer, state] of peers) {
    const { rows, ids } = await stored(2);
    peer.isAway = true;
    await advance(saga, rows, Date.now() + 30);
    peer.isAway = false;
    expect(await statesOf(ids)).toEqual(times(2, state));
    await world.letTimePass();
    await world.sweep();
    expect(await statesOf(ids)).toEqual(times(2, "SUCCEEDED"));
  }
  const { rows, ids } = await stored(2);
  ledger.trouble.next.captureHolds = times(20, "LOST" as const);
  await advance(saga, rows, Date.now() + 30);
  ledger.trouble.next.captureHolds = [];
  expect(await statesOf(ids)).toEqual(times(2, "SETTLING"));
  await world.letTimePass();
  await world.sweep();
  expect(await statesOf(ids)).toEqual(times(2, "SUCCEEDED"));
  expect(ids.map((id) => ledger.holds.get(id)!.endings)).toEqual([1, 1]);
});

test("a slow process that was overtaken changes nothing, and pays nothing twice", async () => {
  for (const outcome of ["SUCCEEDED", "FAILED"] as const) {
    settlement.script.outcome = () => outcome;
    const { merchantId, rows, ids } = await stored(3);
    await advance(saga, rows, soon());
    await advance(world.another().saga, rows, soon());
    expect(await statesOf(ids)).toEqual(times(3, outcome));
    expect(ledger.credits.get(merchantId)).toBe(outcome === "FAILED" ? 1000n : 700n);
    expect(ids.map((id) => ledger.holds.get(id)!.endings)).toEqual([1, 1, 1]);
  }
});

test("a process that is overtaken between two steps writes nothing over the end", async () => {
  const { rows, ids } = await stored(2);
  settlement.trouble.gate = async () => {
    settlement.trouble.gate = () => undefined;
    await advance(world.another().saga, rows, soon());
    settlement.trouble.isAway = true;
  };
  await advance(saga, rows, Date.now() + 200); // it knows no more than that they are held
  settlement.trouble.isAway = false;
  expect(await statesOf(ids)).toEqual(["SUCCEEDED", "SUCCEEDED"]);
  await world.letTimePass();
  expect(await world.find(ids[0]!)).toMatchObject({ version: 2 });
});

test("several processes at once have the effect of one", async () => {
  const { merchantId, rows, ids } = await stored(20, 1500n);
  const sagas = Array.from({ length: 4 }, () => world.another().saga);
  await Promise.all(sagas.map(async (one) => advance(one, rows, soon())));
  const states = await statesOf(ids);
  expect(states).toEqual([...times(15, "SUCCEEDED"), ...times(5, "FAILED")]);
  expect(ledger.credits.get(merchantId)).toBe(0n);
  const versions = await findChanged(
    db.sql,
    ids.map((id) => ({ id, version: 2 })),
  );
  expect(versions).toEqual([]); // each has changed once
});

test("PAY-3 a hold that has ended is never paid for again, even if settlement knows nothing", async () => {
  const { rows, ids } = await stored(1);
  await advance(saga, rows, soon());
  settlement.payouts.delete(ids[0]!);
  const before = settlement.paid.length;
  const { rows: fresh } = await stored(1);
  ledger.holds.set(fresh[0]!.id, { ...ledger.holds.get(ids[0]!)! });
  await advance(saga, fresh, soon());
  expect(await statesOf([fresh[0]!.id])).toEqual(["REQUESTED"]);
  expect(settlement.paid).toHaveLength(before);
  expect(lastError()).toMatchObject({ reason: "HOLD_ENDED_WITHOUT_PAYOUT" });
});

test("after a crash between the booking and its note the end is found out again", async () => {
  for (const outcome of ["SUCCEEDED", "FAILED", "CANCELLED"] as const) {
    settlement.script.outcome = () => outcome;
    const { rows, ids } = await stored(2);
    const crashed = { ...saga, db: undefined as unknown as typeof db };
    await expect(advance(crashed, rows, soon())).rejects.toThrow(); // it has no database any more
    expect(await statesOf(ids)).toEqual(times(2, "REQUESTED"));
    await world.letTimePass();
    await world.sweep();
    expect(await statesOf(ids)).toEqual(times(2, outcome));
    expect(ids.map((id) => ledger.holds.get(id)!.endings)).toEqual([1, 1]);
  }
});

test.each([[[]], [["captureHolds"]], [["createPayouts", "captureHolds"]]] as const)(
  "O9 after a crash before what was paid was noted, money that came back is given back (%s lost)",
  async (lost) => {
    const { merchantId, rows, ids } = await stored(1);
    const crashed = { ...saga, db: undefined as unknown as typeof db };
    for (const method of lost) {
      const peer = method === "createPayouts" ? settlement.trouble : ledger.trouble;
      Object.assign(peer.next, { [method]: times(20, "LOST") });
    }
    await expect(advance(crashed, rows, Date.now() + 30)).rejects.toThrow();
    for (const { next } of [settlement.trouble, ledger.trouble]) {
      for (const left of Object.values(next)) left.length = 0;
    }
    const $typeName = "mizan.settlement.v1.PayoutsChanged" as const;
    await hearPayouts(db.sql, { $typeName, payouts: [settlement.move(ids[0]!, "RETURNED")] });
    for (const end of ["SUCCEEDED", "RETURNED", "RETURNED"]) {
      await world.letTimePass();
      await world.sweep();
      expect(await statesOf(ids)).toEqual([end]);
    }
    expect(ledger.credits.get(merchantId)).toBe(1000n);
    expect(ledger.holds.get(ids[0]!)!.endings).toBe(2);
  },
);

test("what was taken by a process that knew of no statements is taken", async () => {
  const { rows, ids } = await stored(1);
  const { saga: other } = world.another({ withoutStatements: ["bank"] });
  const crashed = { ...other, db: undefined as unknown as typeof db };
  await expect(advance(crashed, rows, soon())).rejects.toThrow();
  await world.letTimePass();
  await world.sweep();
  expect(await statesOf(ids)).toEqual(["SUCCEEDED"]);
});

test("what settlement refuses for good frees the credit; what can't be true stays and is told", async () => {
  const { merchantId, rows, ids } = await stored(2);
  const reasons = new Map([
    [ids[0], "INVALID_AMOUNT"],
    [ids[1], "PAYOUT_ID_REUSED"],
  ]);
  settlement.script.refusal = (id) => reasons.get(id);
  await advance(saga, rows, soon());
  expect(await statesOf(ids)).toEqual(["FAILED", "HELD"]);
  expect(ledger.credits.get(merchantId)).toBe(900n);
  const record = { withdrawal_id: ids[1], phase: "PAY", reason: "PAYOUT_ID_REUSED" };
  expect(lastError()).toMatchObject(record);
});

test("a call that is invalid as a whole fails for nobody but the one that makes it so", async () => {
  const { rows, ids } = await stored(8);
  // The whole, its first half and that one's first half are refused: the first two rows.
  settlement.trouble.next.createPayouts = times(5, "INVALID" as const);
  await advance(saga, rows, soon());
  const states = await statesOf(ids);
  expect(states.filter((state) => state === "SUCCEEDED").length).toBeGreaterThanOrEqual(5);
  expect(states.filter((state) => state === "HELD").length).toBeGreaterThan(0);
  await world.letTimePass();
  await world.sweep();
  expect(await statesOf(ids)).toEqual(times(8, "SUCCEEDED"));
});

test.each(["createHolds", "createPayouts"] as const)(
  "what only has to be booked does not wait for others, whose %s is not answered",
  async (method) => {
    settlement.script.outcome = () => "SENDING";
    const paid = await stored(1);
    await advance(saga, paid.rows, soon());
    settlement.move(paid.ids[0]!, "SUCCEEDED");
    const $typeName = "mizan.settlement.v1.PayoutsChanged" as const;
    await hearPayouts(db.sql, { $typeName, payouts: [settlement.payouts.get(paid.ids[0]!)!] });
    const other = await stored(1);
    const release = Promise.withResolvers<void>();
    const gate = async (called: string) => (called === method ? release.promise : undefined);
    Object.assign(ledger.trouble, { gate });
    Object.assign(settlement.trouble, { gate });
    const both = [await world.find(paid.ids[0]!), ...other.rows];
    const advancing = advance(saga, both, Date.now() + 20_000);
    await expect.poll(async () => statesOf(paid.ids)).toEqual(["SUCCEEDED"]);
    expect(await statesOf(other.ids)).toEqual(["REQUESTED"]);
    release.resolve();
    await advancing;
    Object.assign(ledger.trouble, { gate: () => undefined });
    Object.assign(settlement.trouble, { gate: () => undefined });
    expect(await statesOf(other.ids)).toEqual(["SETTLING"]);
  },
);

test("a withdrawal that nothing comes of is tried less and less often", async () => {
  settlement.script.outcome = () => "UNKNOWN";
  const { rows, ids } = await stored(1);
  await advance(saga, rows, soon());
  const dueMs = async () => {
    const { rows: due } = await sql<{
      ms: number;
    }>`select extract(epoch from due_at - now())::float8 * 1000 as ms
      from withdrawal where id = ${ids[0]!}`.execute(db.sql);
    return due[0]!.ms;
  };
  const pauses = [await dueMs()];
  for (let pass = 0; pass < 6; pass += 1) {
    await world.letTimePass();
    await world.sweep();
    pauses.push(await dueMs());
  }
  const seconds = pauses.map((ms) => Math.round(ms / 500) / 2);
  expect(seconds).toEqual([0.5, 2, 5, 15, 60, 300, 300]);
  expect(await statesOf(ids)).toEqual(["SETTLING"]); // PAY-5: it never times out
  settlement.move(ids[0]!, "SUCCEEDED");
  await world.letTimePass();
  await world.sweep();
  expect(await statesOf(ids)).toEqual(["SUCCEEDED"]); // though no event came
});

test("an end that is heard of while settlement does not answer stays due at once", async () => {
  settlement.script.outcome = () => "UNKNOWN";
  const { rows, ids } = await stored(1);
  await advance(saga, rows, soon());
  const $typeName = "mizan.settlement.v1.PayoutsChanged" as const;
  settlement.trouble.gate = async () => {
    settlement.trouble.gate = () => undefined;
    settlement.trouble.isAway = true;
    await hearPayouts(db.sql, { $typeName, payouts: [settlement.move(ids[0]!, "SUCCEEDED")] });
  };
  await advance(saga, [await world.find(ids[0]!)], Date.now() + 30);
  settlement.trouble.isAway = false;
  await world.sweep(); // without any time passing
  expect(await statesOf(ids)).toEqual(["SUCCEEDED"]);
});

test("a payout that comes back while its withdrawal ends is given back too", async () => {
  const { merchantId, rows, ids } = await stored(1);
  const $typeName = "mizan.settlement.v1.PayoutsChanged" as const;
  // The bank pays and sends back before the ledger has taken anything.
  ledger.trouble.gate = async (method) => {
    if (method !== "captureHolds") return;
    ledger.trouble.gate = () => undefined;
    const payouts = [settlement.move(ids[0]!, "RETURNED")];
    await hearPayouts(db.sql, { $typeName, payouts });
  };
  await advance(saga, rows, soon());
  expect(await statesOf(ids)).toEqual(["SUCCEEDED"]);
  await world.sweep();
  expect(await statesOf(ids)).toEqual(["RETURNED"]);
  expect(ledger.credits.get(merchantId)).toBe(1000n);
  await world.letTimePass();
  expect(await world.sweep()).toBe(false);
  expect(ledger.holds.get(ids[0]!)!.endings).toBe(2);
});

async function administrator(): Promise<string> {
  const id = newId();
  const roles = ["ADMIN" as const];
  await db.sql.insertInto("person").values({ id, state: "ACTIVE", roles }).execute();
  return id;
}

test("administrators are told once that what came back can't be given back, and it is when it can", async () => {
  const { merchantId, rows, ids } = await stored(2);
  const admins = [await administrator(), await administrator()];
  await advance(saga, rows, soon());
  const $typeName = "mizan.settlement.v1.PayoutsChanged" as const;
  const payouts = ids.map((id) => settlement.move(id, "RETURNED"));
  await hearPayouts(db.sql, { $typeName, payouts });
  ledger.repaid.set(merchantId, 150n); // of the 200 that are used
  for (let pass = 0; pass < 3; pass += 1) {
    await world.letTimePass();
    await world.sweep();
    expect(await statesOf(ids)).toEqual(["SUCCEEDED", "SUCCEEDED"]);
  }
  const told = sql<{ person_id: string; type: string; values: Record<string, string> }>`
    select person_id, type, values from notification where person_id = any(${admins}::uuid[])`;
  const { rows: alarms } = await told.execute(db.sql);
  const toWhom = new Set(alarms.map(({ person_id: to, values }) => `${to} ${values["payout_id"]}`));
  expect(toWhom).toEqual(new Set(admins.flatMap((to) => ids.map((id) => `${to} ${id}`))));
  expect(alarms).toHaveLength(4);
  const values = { kind: "RETURN_WAITS", provider: "bank", subject: `Payout ${ids[0]!}` };
  expect(alarms.find((one) => one.values["payout_id"] === ids[0])).toMatchObject({
    type: "PAYOUT_ALARM",
    values: { ...values, detail: expect.stringContaining("1.00 IRR") as string },
  });
  ledger.repaid.delete(merchantId);
  await world.letTimePass();
  await world.sweep();
  expect(await statesOf(ids)).toEqual(["RETURNED", "RETURNED"]);
  expect((await told.execute(db.sql)).rows).toEqual(alarms);
});

test("a return that nobody answers for yet is no alarm", async () => {
  const { rows, ids } = await stored(1);
  const admin = await administrator();
  await advance(saga, rows, soon());
  const $typeName = "mizan.settlement.v1.PayoutsChanged" as const;
  await hearPayouts(db.sql, { $typeName, payouts: [settlement.move(ids[0]!, "RETURNED")] });
  ledger.trouble.isAway = true;
  await advance(saga, [await world.find(ids[0]!)], Date.now() + 30);
  ledger.trouble.isAway = false;
  const told = db.sql.selectFrom("notification").selectAll().where("person_id", "=", admin);
  expect(await told.execute()).toEqual([]);
  await world.letTimePass();
  await world.sweep();
  expect(await statesOf(ids)).toEqual(["RETURNED"]);
});
