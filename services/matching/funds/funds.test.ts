import { sql } from "kysely";
import { afterAll, beforeEach, expect, test } from "vitest";
import { reasonOf } from "#mesh/errors.ts";
import { newId, uuidOf } from "#mesh/ids.ts";
import { MAX_EXTRA_HOLDS, ORPHAN_LOOK_BACK_MS } from "#mesh/limits.ts";
import { unusedStep } from "../domain/owed-release.ts";
import { testFunds, wantedOf } from "../testing/test-funds.ts";
import type { Funds, Wanted } from "./funds.ts";

const world = await testFunds();
const { funds, books, ledger, clock, db, live } = world;
const { signal } = new AbortController();
afterAll(async () => world[Symbol.asyncDispose]());
beforeEach(() => Object.assign(ledger.trouble, { isAway: false, lostAnswers: 0 }));

const USDT = (ownerId: string) => ({ ownerId, asset: "USDT" });

function ownerWith(minor: bigint): string {
  const ownerId = newId();
  books.charge(USDT(ownerId), 6, minor);
  return ownerId;
}

/** Takes holds as a call does that ends right after; whether they are placed the test says. */
async function take(wanted: readonly Wanted[], by: Funds = funds) {
  using placing = by.placing(wanted.map(({ order }) => order));
  return await placing.take(wanted);
}

const later = async (by: Funds = funds) => {
  clock.ms += world.means.orphanAgeMs + 1;
  await by.sweepOrphans(signal);
};

/** Stores an order with the last of its extra holds. */
async function store({ order, owner }: Wanted, holdStep = 0) {
  const id = uuidOf(order);
  await sql`insert into orders select * from jsonb_populate_record(null::orders, ${JSON.stringify({
    ...blank,
    id,
    hold_id: id,
    account_id: uuidOf(owner),
    hold_step: holdStep,
  })}::jsonb) on conflict (id) do update set hold_step = ${holdStep}`.execute(db.sql);
}

test("FUND-1 holds stand or fall for themselves, and those of calls at a time travel together", async () => {
  const [rich, poor] = [ownerWith(1000n), ownerWith(10n)];
  const before = ledger.calls.length;
  const wanted = [wantedOf(rich, 400n), wantedOf(poor, 11n), wantedOf(newId(), 1n)];
  const others = Array.from({ length: 3 }, () => [wantedOf(rich, 200n)]);
  const [own, ...rest] = await Promise.all([wanted, ...others].map(async (some) => take(some)));
  expect(own).toEqual(["HELD", "INSUFFICIENT_FUNDS", "INSUFFICIENT_FUNDS"]);
  expect(rest).toEqual([["HELD"], ["HELD"], ["HELD"]]);
  expect([books.free(USDT(rich)), books.held(USDT(rich))]).toEqual([0n, 1000n]);
  expect(books.free(USDT(poor))).toBe(10n);
  expect(ledger.calls.slice(before)).toEqual([{ method: "createHolds", items: 6 }]);
});

test("L7 L8 an answer that is lost is asked for again, and money is held once", async () => {
  const owner = ownerWith(1000n);
  ledger.trouble.lostAnswers = 1;
  const one = wantedOf(owner, 600n);
  expect(await take([one])).toEqual(["HELD_BEFORE"]); // so that somebody looks for the order first
  expect(await take([one])).toEqual(["HELD_BEFORE"]);
  expect(await take([{ ...one, minor: 601n }])).toEqual(["DIFFERS"]);
  expect(books.held(USDT(owner))).toBe(600n);
});

test("what was refused for want of money is so for its id, and not for the next", async () => {
  const owner = ownerWith(10n);
  const one = wantedOf(owner, 20n);
  expect(await take([one])).toEqual(["INSUFFICIENT_FUNDS"]);
  books.charge(USDT(owner), 6, 10n);
  expect(await take([one])).toEqual(["INSUFFICIENT_FUNDS"]);
  expect(await take([wantedOf(owner, 20n)])).toEqual(["HELD"]);
});

test("FUND-8 what a call left behind is found by the next try, and given up after a minute for ever", async () => {
  const owner = ownerWith(1000n);
  const [one, other, placed] = [
    wantedOf(owner, 100n),
    wantedOf(owner, 200n),
    wantedOf(owner, 300n),
  ];
  await take([one, other]);
  await take([placed]);
  live.add(placed.order);
  await funds.sweepOrphans(signal);
  expect(await take([one])).toEqual(["HELD_BEFORE"]);
  live.add(one.order);
  await later();
  await funds.freed([other.order]);
  expect([books.free(USDT(owner)), books.held(USDT(owner))]).toEqual([600n, 400n]);
  expect(await take([other])).toEqual(["RELEASED"]);
  expect(
    world.log.records.some(({ hold_id: id, step }) => step === 1 && id === uuidOf(other.order)),
  ).toBe(true);
});

test("LEDGER_AWAY tells that nobody knows; money that was held for nothing comes back", async () => {
  const owner = ownerWith(1000n);
  const one = wantedOf(owner, 100n);
  ledger.trouble.lostAnswers = Infinity;
  await expect(take([one])).rejects.toSatisfy((e) => reasonOf(e) === "LEDGER_AWAY");
  ledger.trouble.lostAnswers = 0;
  expect(books.held(USDT(owner))).toBe(100n);
  await later();
  await funds.freed([one.order]);
  expect(books.held(USDT(owner))).toBe(0n);
});

test("FUND-8 what is given up is what the ledger holds, whatever the last try has asked for", async () => {
  const owner = ownerWith(1000n);
  const one = wantedOf(owner, 100n);
  ledger.trouble.lostAnswers = Infinity;
  const tries = [100n, 130n].map(async (minor) => take([{ ...one, minor }]));
  for (const lost of await Promise.allSettled(tries)) {
    expect(reasonOf((lost as PromiseRejectedResult).reason)).toBe("LEDGER_AWAY");
  }
  ledger.trouble.lostAnswers = 0;
  await later();
  await funds.freed([one.order]);
  expect(books.released.get(`${uuidOf(one.order)}/1`)).toBe("0.000100");
  expect([books.free(USDT(owner)), books.held(USDT(owner))]).toEqual([1000n, 0n]);
});

test("FUND-8 a hold that was being used when it was found stays known until it is given up", async () => {
  const owner = ownerWith(1000n);
  const one = wantedOf(owner, 100n);
  await later();
  const madeMs = clock.ms;
  const placing = funds.placing([one.order]);
  await placing.take([one]);
  await later();
  await later();
  const { rows } = await sql<{ until_ms: number }>`select until_ms from orphan_sweep`.execute(
    db.sql,
  );
  expect(rows[0]!.until_ms).toBeLessThanOrEqual(madeMs); // the next process looks there too
  placing[Symbol.dispose]();
  const { burn } = world.means.writer;
  world.means.writer.burn = async () => Promise.reject(new Error("the books are away"));
  await expect(later()).rejects.toThrow("the books are away");
  world.means.writer.burn = burn;
  await later();
  await funds.freed([one.order]);
  expect(books.held(USDT(owner))).toBe(0n);
});

test("FUND-8 a new process begins where the one before had come to, long before the last batch too", async () => {
  const owner = ownerWith(1000n);
  const one = wantedOf(owner, 100n);
  await later();
  await take([one]);
  clock.ms += 3 * ORPHAN_LOOK_BACK_MS;
  await sql`insert into journal (shard, batch, epoch, first_seq, last_seq, at_ms, crc32,
      events_batch, events_crc32, commands, texts)
    values (0, 1, 0, 1, 1, ${clock.ms}, 0, 0, 0, '', '')`.execute(db.sql);
  await using next = world.start();
  await later(next);
  await next.freed([one.order]);
  expect(books.held(USDT(owner))).toBe(0n);
});

test("an order that is given up just now can't be placed meanwhile, nor one that is placed given up", async () => {
  await later();
  const owner = ownerWith(1000n);
  const [one, other] = [wantedOf(owner, 100n), wantedOf(owner, 200n)];
  await take([one, other]);
  const placing = funds.placing([other.order]);
  const { burn } = world.means.writer;
  const refused: unknown[] = [];
  world.means.writer.burn = async (orders) => {
    expect(orders).not.toContain(other.order);
    for (const order of orders) {
      try {
        funds.placing([order]);
      } catch (error) {
        refused.push(reasonOf(error));
      }
    }
    return burn(orders);
  };
  await later();
  world.means.writer.burn = burn;
  expect(refused).toEqual(["ORDER_IN_PROGRESS"]);
  await funds.freed([one.order]);
  expect(books.held(USDT(owner))).toBe(200n);
  placing[Symbol.dispose]();
  await later();
  await funds.freed([other.order]);
  expect(books.held(USDT(owner))).toBe(0n);
});

test("FUND-8 a new process finds the holds of one that has crashed, and leaves those of orders alone", async () => {
  const owner = ownerWith(1000n);
  const [lost, stored, alive, extra] = [100n, 200n, 300n, 50n].map((minor) =>
    wantedOf(owner, minor),
  );
  {
    await using crashed = world.start();
    await take([lost!, stored!, alive!], crashed);
    await store(stored!, 0);
    live.add(alive!.order);
    await store(alive!, 0);
    const wanted = { ...extra!, order: alive!.order };
    const dies = crashed.extend(wanted, async () => Promise.reject(new Error("it crashes")));
    await expect(dies).rejects.toThrow("it crashes");
  }
  expect(books.held(USDT(owner))).toBe(650n);
  await using next = world.start();
  await later(next);
  await next.freed([lost!.order, alive!.order]);
  expect(books.held(USDT(owner))).toBe(500n);
  expect(books.released.get(`${uuidOf(alive!.order)}/${unusedStep(1)}`)).toBe("0.000050");
  expect(await take([lost!], next)).toEqual(["RELEASED"]);
  await later(next); // and once more: nothing is released twice
  expect(books.held(USDT(owner))).toBe(500n);
  const used = await next.extend({ ...extra!, order: alive!.order }, async (step) => {
    return { isRefused: false, step };
  });
  expect(used).toEqual({ isRefused: false, step: 2 }); // the first was given up
});

test("FUND-3 an extra hold comes back when its amendment is refused, and each has a number of its own", async () => {
  const owner = ownerWith(1000n);
  const one = wantedOf(owner, 100n);
  await take([one]);
  live.add(one.order);
  await store(one);
  const amend = async (minor: bigint, isRefused: boolean) =>
    funds.serially(one.order, async () =>
      funds.extend({ ...one, minor }, async (step) => {
        if (!isRefused) await store(one, step);
        return { isRefused, step };
      }),
    );
  const [first, second, third] = await Promise.all([
    amend(10n, false),
    amend(20n, true),
    amend(30n, false),
  ]);
  expect([first, second, third]).toEqual([
    { isRefused: false, step: 1 },
    { isRefused: true, step: 2 },
    { isRefused: false, step: 3 },
  ]);
  await funds.freed([one.order]);
  expect(books.held(USDT(owner))).toBe(140n);
  expect(await amend(1000n, false)).toBeUndefined();
  expect(await amend(860n, false)).toEqual({ isRefused: false, step: 5 });
  await later();
  expect([books.free(USDT(owner)), books.held(USDT(owner))]).toEqual([0n, 1000n]);
});

test("an extra hold of a try that has crashed is used by the same, and holds up another until it is given up", async () => {
  const owner = ownerWith(1000n);
  const one = wantedOf(owner, 100n);
  await take([one]);
  live.add(one.order);
  await store(one);
  const crash = async () => Promise.reject(new Error("it crashes"));
  const use = async (step: number) => {
    await store(one, step);
    return { isRefused: false, step };
  };
  await expect(funds.extend({ ...one, minor: 10n }, crash)).rejects.toThrow("it crashes");
  expect(await funds.extend({ ...one, minor: 10n }, use)).toEqual({ isRefused: false, step: 1 });
  await expect(funds.extend({ ...one, minor: 20n }, crash)).rejects.toThrow("it crashes");
  const other = funds.extend({ ...one, minor: 30n }, use);
  await expect(other).rejects.toSatisfy((e) => reasonOf(e) === "ORDER_IN_PROGRESS");
  await later();
  await funds.freed([one.order]);
  expect(await funds.extend({ ...one, minor: 30n }, use)).toEqual({ isRefused: false, step: 3 });
  expect(books.held(USDT(owner))).toBe(140n);
});

test("a process that has lost its shard burns nothing", async () => {
  const owner = ownerWith(1000n);
  const one = wantedOf(owner, 100n);
  await take([one]);
  live.add(one.order);
  await store(one);
  await sql`update engine_shard set epoch = 2`.execute(db.sql);
  await funds.extend({ ...one, minor: 10n }, async () => ({ isRefused: true }));
  await later();
  await sql`update engine_shard set epoch = 1`.execute(db.sql);
  expect(books.held(USDT(owner))).toBe(110n);
  const { rows } = await sql`select from unused_hold where hold_id = ${uuidOf(one.order)}`.execute(
    db.sql,
  );
  expect(rows).toEqual([]);
});

const blank = {
  market: "BTC-USDT",
  client_order_id: "",
  request_hash: "\\x",
  place: 1,
  created_ms: 0,
  expire_ms: 0,
  limit_units: 0,
  visible_lots: 0,
  maker_per_lot: 0,
  taker_per_lot: 0,
  maker_ppm: 0,
  taker_ppm: 0,
  side: "BUY",
  type: "LIMIT",
  time_in_force: "GTC",
  stp: "NONE",
  post_only: false,
  quote_minor: 0,
  state: "NEW",
  price: 1,
  reserve_price: 1,
  stop_price: 0,
  lots: 1,
  remaining: 1,
  filled_lots: 0,
  filled_units: 0,
  taker_lots: 0,
  taker_units: 0,
  prevented_lots: 0,
  releases: 0,
  seq: 1,
  updated_ms: 0,
  fee_minor: 0,
  held_minor: 0,
  reason: "",
};

test("FUND-3 the extra holds of an order are bounded, since their numbers are", async () => {
  const one = wantedOf(ownerWith(1000n), 600n);
  await take([one]);
  await store(one, MAX_EXTRA_HOLDS);
  const use = async (step: number) => ({ isRefused: false, step });
  const extending = funds.extend({ ...one, minor: 10n }, use);
  await expect(extending).rejects.toSatisfy((e) => reasonOf(e) === "TOO_MANY_AMENDS");
  await store(one, MAX_EXTRA_HOLDS - 1);
  const step = MAX_EXTRA_HOLDS;
  expect(await funds.extend({ ...one, minor: 10n }, use)).toEqual({ isRefused: false, step });
});
