import fc from "fast-check";
import { afterAll, beforeEach, expect, test } from "vitest";
import { sql } from "kysely";
import { reasonOf } from "#mesh/errors.ts";
import { newId } from "#mesh/ids.ts";
import { fromMinor } from "#mesh/money.ts";
import { naiveStatement } from "../domain/naive-statement.ts";
import type { PayoutState } from "../domain/payout.ts";
import {
  endPayouts,
  insertPayouts,
  movePayouts,
  referenceOf,
  testStatements,
} from "../testing/test-statements.ts";
import { listStatementDifferences } from "./list-statement-differences.ts";
import { tellOfStatements } from "./tell-of-statements.ts";
import { judgeAgain } from "./judge-again.ts";

const world = await testStatements();
const { db, imported, differences, bookings } = world;
afterAll(async () => db[Symbol.asyncDispose]());

const empty = async () =>
  sql`with a as (delete from payout), b as (delete from payout_attempt),
      c as (delete from statement_line), d as (delete from awaited_payment),
      e as (delete from statement_difference), f as (delete from booking)
    delete from statement`.execute(db.sql);
beforeEach(async () => void (await empty()));

const paid = async (...amounts: bigint[]) => {
  const ids = amounts.map(() => newId());
  await insertPayouts(
    db.sql,
    amounts.map((amountMinor, at) => ({ id: ids[at]!, amountMinor })),
  );
  return ids;
};

const out = (id: string, payoutId: string, amount: string) =>
  `${id},out,${referenceOf(payoutId)},${amount}`;

test("S13 each line and each payout lands in its bucket, and only what agrees is booked", async () => {
  const [p1, p2, p3] = (await paid(10_000n, 25_000n, 7500n)) as [string, string, string];
  const lines = [out("L1", p1, "100.00"), out("L2", p2, "205.00"), "L3,out,X9,40.00"];
  const statement = await imported(lines);
  expect(statement).toMatchObject({ lineCount: 3, matchedCount: 1, differenceCount: 3 });
  const page = { pageSize: 0, pageToken: "" };
  const found = await listStatementDifferences(world, { showSettled: false }, page);
  expect(found.differences.toReversed()).toMatchObject([
    {
      kind: "AMOUNT_DIFFERS",
      payoutId: p2,
      lineId: "L2",
      ourMinor: 25_000n,
      statementMinor: 20_500n,
    },
    { kind: "EXTRA", payoutId: null, lineId: "L3", reference: "X9", statementMinor: 4000n },
    { kind: "MISSING", payoutId: p3, lineId: null, reference: referenceOf(p3), ourMinor: 7500n },
  ]);
  expect(await bookings()).toEqual([`mwd/${p1}/custody 10000`]);
});

test("the same lines again change nothing, and the same key gives the same answer", async () => {
  const [p1, p2] = (await paid(10_000n, 25_000n)) as [string, string];
  const lines = [out("L1", p1, "100.00"), out("L2", p2, "205.00"), "L3,in,rent,7.00"];
  const key = newId();
  const first = await imported(lines, { key });
  const before = [await differences(), await bookings()];
  expect(await imported(lines, { key })).toEqual(first);
  expect(await imported([...lines, ...lines].toReversed())).toEqual(first);
  expect([await differences(), await bookings()]).toEqual(before);
});

test("a statement that is wrong in its last line leaves nothing behind", async () => {
  const [p1] = (await paid(10_000n)) as [string];
  const broken = imported([out("L1", p1, "100.00"), "L2,out,x,1.001"]);
  await expect(broken.catch(reasonOf)).resolves.toBe("INVALID_STATEMENT");
  expect(await bookings()).toEqual([]);
  const { rows } = await sql`select from statement`.execute(db.sql);
  expect(rows).toEqual([]);
});

test.each(["2.00", "1.00"])(
  "a line that says something else than before is refused: %s",
  async (amount) => {
    const lines = amount === "2.00" ? ["L1,out,x,1.00"] : ["L1,in,x,1.00"];
    await imported(lines);
    const again = imported(["L0,out,y,1.00", `L1,out,x,${amount}`]);
    await expect(again).rejects.toThrow("Line 3 of the statement: L1 has said something else");
    const twice = imported([`L9,out,x,${amount}`, "L9,out,x,3.00"]);
    await expect(twice).rejects.toThrow("Line 3 of the statement: L9 has said something else");
  },
);

test("a provider that nobody knows has no statements", async () => {
  await expect(imported([], { provider: "unknown" }).catch(reasonOf)).resolves.toBe(
    "PROVIDER_NOT_FOUND",
  );
});

test("only one statement of a provider is read at a time", async () => {
  await db.sql.transaction().execute(async (tx) => {
    await sql`select pg_advisory_xact_lock(hashtextextended('statements/bank', 0))`.execute(tx);
    await expect(imported([]).catch(reasonOf)).resolves.toBe("STATEMENT_IN_PROGRESS");
    await expect(imported([], { provider: "other" })).resolves.toMatchObject({ lineCount: 0 });
  });
});

test("what one part lacks another one brings, and the statement is one", async () => {
  const [p1, p2, p3] = (await paid(100n, 200n, 300n)) as [string, string, string];
  const names = new Map([
    [p2, "p2"],
    [p3, "p3"],
  ]);
  const first = await imported([out("L1", p1, "1.00")]);
  expect(first).toMatchObject({ lineCount: 1, matchedCount: 1, differenceCount: 2 });
  expect(await differences(names)).toEqual(["MISSING p2", "MISSING p3"]);
  const second = await imported([out("L2", p2, "2.00")]);
  expect(second).toMatchObject({ id: first.id, lineCount: 2, matchedCount: 2, differenceCount: 1 });
  const later = await imported([out("L3", p3, "3.00")].map(String), { day: "2026-02-01" });
  expect(later.id).not.toBe(first.id);
  expect(await differences(names)).toEqual(["MISSING p2*", "MISSING p3*"]);
  expect(await bookings()).toHaveLength(3);
});

test("what is paid after the day of the statement is not missing on it", async () => {
  await paid(100n);
  await imported([], { day: "2026-01-30" });
  expect(await differences()).toEqual([]);
});

test("a payout of another provider is nobody's line here, and is not missing here", async () => {
  const id = newId();
  await insertPayouts(db.sql, [{ id, amountMinor: 100n, provider: "other" }]);
  await imported([`L1,out,${referenceOf(id, "other")},1.00`]);
  expect(await differences()).toEqual(["EXTRA L1"]);
  expect(await bookings()).toEqual([]);
});

test("what has come in of nobody is booked as that, once", async () => {
  await imported(["L1,in,rent,70.00", "L2,in,,5.00"]);
  await imported(["L1,in,rent,70.00"]);
  expect(await bookings()).toEqual(["bankin/bank/L1/1 7000", "bankin/bank/L2/1 500"]);
});

test("a line without a reference, alone in its statement, is read too", async () => {
  await imported(["L1,in,,5.00"]);
  expect(await imported(["L1,in,,5.00"])).toMatchObject({ lineCount: 1 });
  expect(await differences()).toEqual(["EXTRA L1"]);
});

test("a payment that the statement shows before we know of it agrees once we do", async () => {
  const id = newId();
  await insertPayouts(db.sql, [{ id, amountMinor: 100n, state: "UNKNOWN" }]);
  await imported([out("L1", id, "1.00")]);
  expect(await differences()).toEqual(["EXTRA L1"]);
  expect(await bookings()).toEqual([]);
  await judgeAgain(world);
  expect(await differences()).toEqual(["EXTRA L1"]);
  await movePayouts(db.sql, [id], ["SUCCEEDED"]);
  await judgeAgain(world);
  expect(await differences()).toEqual(["EXTRA L1*"]);
  expect(await bookings()).toEqual([`mwd/${id}/custody 100`]);
  await imported([], { day: "2026-02-01" });
  expect(await differences()).toEqual(["EXTRA L1*"]);
});

test("what the bank has sent back is never booked as somebody's deposit", async () => {
  const [id] = (await paid(100n)) as [string];
  await imported([out("L1", id, "1.00"), `L2,in,${referenceOf(id)},1.00`]);
  expect(await differences()).toEqual(["EXTRA L2"]);
  await movePayouts(db.sql, [id], ["RETURNED"]);
  await judgeAgain(world);
  expect(await differences()).toEqual(["EXTRA L2*"]);
  expect(await bookings()).toEqual([`mwd/${id}/custody 100`]);
});

test("a correction settles what differed, and the whole payment is booked then", async () => {
  const [id] = (await paid(25_000n)) as [string];
  await imported([out("L1", id, "205.00")]);
  expect(await bookings()).toEqual([]);
  await imported([out("L2", id, "45.00")], { day: "2026-02-01" });
  expect(await differences()).toEqual(["AMOUNT_DIFFERS L1*", "EXTRA L2*"]);
  expect(await bookings()).toEqual([`mwd/${id}/custody 25000`]);
});

test("a large statement in parts has every planted difference in its bucket", async () => {
  const ids = await paid(...Array.from({ length: 5000 }, () => 100n));
  const names = new Map(ids.map((id, at) => [id, `P${at}`]));
  const lines = ids.flatMap((id, at) => {
    const planted = at % 500;
    if (planted === 1) return []; // missing
    const line = `L${at},out,${referenceOf(id)},${planted === 2 ? "0.99" : "1.00"}`;
    return planted === 3 ? [line, `X${at},out,nobody,1.00`] : [line];
  });
  for (let from = 0; from < lines.length; from += 2600) {
    await imported(lines.slice(from, from + 2600));
  }
  const places = Array.from({ length: 10 }, (_, at) => at * 500);
  const planted = places.flatMap((at) => [
    `MISSING P${at + 1}`,
    `AMOUNT_DIFFERS L${at + 2}`,
    `EXTRA X${at + 3}`,
  ]);
  const page = { pageSize: 1000, pageToken: "" };
  const found = await listStatementDifferences(world, { showSettled: false }, page);
  const words = found.differences.map(({ kind, lineId, payoutId }) => {
    return `${kind} ${lineId ?? names.get(payoutId!)}`;
  });
  expect(words.toSorted()).toEqual(planted.toSorted());
  expect(await bookings()).toHaveLength(5000 - 2 * places.length);
});

test("more may be missing than one import notes", async () => {
  await sql`
    insert into awaited_payment (reference, payout_id, provider, amount_minor, paid_at)
    select 'R' || n, gen_random_uuid(), 'bank', 100, '2026-01-31T12:00:00Z'
    from generate_series(1, 12000) as n`.execute(db.sql);
  expect(await imported([])).toMatchObject({ differenceCount: 10_000 });
  expect(await imported([])).toMatchObject({ differenceCount: 10_000 });
  await tellOfStatements(world, 0);
  expect(await imported([])).toMatchObject({ differenceCount: 12_000 });
});

type WantedNews = {
  readonly state: PayoutState;
  readonly amountMinor: bigint;
  /** Before which part we learn what became of it; that of the last part for a later one. */
  readonly knownAt: number;
};

type WantedLine = {
  /** Whose reference it carries; the number after the last payout is nobody's. */
  readonly of: number;
  readonly isIncoming: boolean;
  readonly amountMinor: bigint;
};

/** Out 2.00, back 1.00: the payout of 1.00 is explained and booked. Then 2.00 more leave for it. */
const reopened: [WantedNews[], WantedLine[], number[][]] = [
  [{ state: "SUCCEEDED", amountMinor: 100n, knownAt: 0 }],
  [
    { of: 0, isIncoming: true, amountMinor: 100n },
    { of: 0, isIncoming: false, amountMinor: 200n },
    { of: 0, isIncoming: false, amountMinor: 200n },
  ],
  [[1], [0], [2]],
];

test("however lines are ordered, parted and repeated, each is where the naive comparison has it", async () => {
  const state = fc.constantFrom<PayoutState[]>(
    "SUCCEEDED",
    "SUCCEEDED",
    "RETURNED",
    "FAILED",
    "UNKNOWN",
  );
  const payout = fc.record<WantedNews>({
    state,
    amountMinor: fc.constantFrom(100n, 200n, 300n),
    knownAt: fc.nat({ max: 4 }),
  });
  const line = fc.record<WantedLine>({
    of: fc.integer({ min: 0, max: 5 }),
    isIncoming: fc.boolean(),
    amountMinor: fc.constantFrom(100n, 200n, 300n),
  });
  const payouts = fc.array(payout, { minLength: 5, maxLength: 5 });
  const lines = fc.array(line, { minLength: 10, maxLength: 10 });
  const part = fc.array(fc.nat({ max: 9 }), { maxLength: 8 });
  const parts = fc.array(part, { minLength: 1, maxLength: 4 });
  const isOpen = (word: string) => /^(MISSING|EXTRA|AMOUNT_DIFFERS) [^*]+$/.test(word);
  await fc.assert(
    fc.asyncProperty(payouts, lines, parts, async (wanted, given, order) => {
      await empty();
      const own = wanted.map((one) => ({ ...one, id: newId() }));
      await insertPayouts(
        db.sql,
        own.map(({ id, amountMinor }) => ({ id, amountMinor, state: "UNKNOWN" })),
      );
      const nameOf = (at: number) => own[at]?.id ?? "nobody";
      const stated = given.map(({ of, isIncoming, amountMinor }, at) => {
        return {
          line: 0,
          id: `L${at}`,
          isIncoming,
          reference: nameOf(of),
          amountMinor,
          bookedAtMs: 0,
        };
      });
      const said = stated.map(({ id, isIncoming, reference, amountMinor }) => {
        return `${id},${isIncoming ? "in" : "out"},${referenceOf(reference)},${fromMinor(amountMinor, 2)}`;
      });
      const everBooked = new Set<string>();
      const seen = new Set<number>();
      for (const [place, some] of [...order, []].entries()) {
        const learnedAt = ({ knownAt }: { knownAt: number }) => Math.min(knownAt, order.length);
        const news = own.filter((one) => learnedAt(one) === place);
        await endPayouts(db.sql, news);
        await imported(some.map((at) => said[at]!));
        await judgeAgain(world);
        await tellOfStatements(world, 0);
        for (const at of some) seen.add(at);
        const judged = own.map((one) => {
          const { id, state: is, amountMinor } = one;
          const isPaid = learnedAt(one) <= place && (is === "RETURNED" || is === "SUCCEEDED");
          return { reference: id, amountMinor, isPaid, isReturned: isPaid && is === "RETURNED" };
        });
        const naive = naiveStatement(
          judged,
          [...seen].map((at) => stated[at]!),
        );
        expect((await differences()).filter(isOpen)).toEqual(naive.filter(isOpen));
        // What the ledger was told is final: a later line may open the difference again, but the
        // booking stays.
        for (const word of naive.filter((one) => one.startsWith("BOOKED"))) everBooked.add(word);
        const paths = (await bookings()).filter((path) => path.startsWith("mwd"));
        const booked = paths.map((path) => `BOOKED ${path.split("/")[1]!}`);
        expect(booked).toEqual([...everBooked].toSorted());
      }
    }),
    { numRuns: 50, examples: [reopened] },
  );
}, 120_000);
