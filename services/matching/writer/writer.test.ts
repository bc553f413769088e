import { afterAll, expect, test, vi } from "vitest";
import { systemClock } from "#mesh/clock.ts";
import { openConnection } from "#mesh/database/connection.ts";
import { reasonOf } from "#mesh/errors.ts";
import { MAX_BATCH_COMMANDS, SHARD_LEASE_MS } from "#mesh/limits.ts";
import { startDatabaseProxy } from "#mesh/testing/database-proxy.ts";
import {
  by,
  cancel,
  limit,
  openMarket,
  orderId,
  ownerOf,
  rowsOf,
  submit,
  testExchange,
  testWriter,
} from "../testing/test-writer.ts";
import type { AppliedBatch } from "./writer-api.ts";

const db = await testExchange();
afterAll(async () => db[Symbol.asyncDispose]());

test("X2 of commands that go together none is journaled when one can't be written", async () => {
  await using own = await testExchange();
  await using writer = await testWriter(own);
  await openMarket(writer);
  const bad = { ...limit(2, "SELL", [1, 20]), order: "no id" };
  const both = writer.submit([by("eve", limit(1, "SELL", [1, 20])), by("eve", bad)]);
  await expect(both).rejects.toThrow();
  await submit(writer, by("eve", limit(3, "SELL", [1, 20])));
  const live = [1, 2, 3].filter((number) => writer.engine.order(orderId(number)) !== undefined);
  expect(live).toEqual([3]);
});

test("X2 a command is answered after it is journaled and applied, with what happened", async () => {
  await using writer = await testWriter(db);
  await openMarket(writer);
  const texts = { clientOrderId: 'my "first"', requestHash: "ab".repeat(16) };
  const rests = await submit(writer, by("ann", limit(1, "SELL", [10, 20]), { texts }));
  expect(rests.events).toMatchObject([{ kind: "ACCEPTED", seq: 2 }]);
  const taken = await submit(writer, by("bob", limit(2, "BUY", [4, 21])));
  expect(taken.events).toMatchObject([
    { kind: "ACCEPTED" },
    { kind: "TRADE", tradeId: 1, price: 20, lots: 4 },
  ]);
  expect(taken.batch).toBeGreaterThan(rests.batch);
  const [row] = await rowsOf<{ last_seq: number }>(db, "select last_seq from engine_shard");
  expect(row!.last_seq).toBe(taken.seq);
  await writer.flushed();
  const orders = await rowsOf(db, "select * from orders order by place");
  expect(orders).toMatchObject([
    {
      account_id: "00000000-0000-0000-0000-000000616e6e",
      client_order_id: 'my "first"',
      state: "PARTIALLY_FILLED",
      remaining: 6,
      filled_units: 80,
      fee_minor: 1n,
      held_minor: 6n,
      request_hash: Buffer.from("ab".repeat(16), "hex"),
    },
    { state: "FILLED", remaining: 0, taker_lots: 4, fee_minor: 6n, held_minor: 0n, lots: 4 },
  ]);
  expect(await rowsOf(db, "select * from trade")).toMatchObject([
    { market: "ABAN-IRR", trade_id: 1, taker_open: 0, maker_open: 6, buyer_fee_minor: 6n },
  ]);
  const events = await rowsOf(db, "select subject, key, seq from outbox");
  expect(events).toEqual([
    { subject: "mizan.matching.v1.TradesExecuted.ABAN-IRR", key: "ABAN-IRR", seq: 1 },
  ]);
});

test("commands of one call come one behind the other, whatever others call", async () => {
  await using exchange = await testExchange();
  await using writer = await testWriter(exchange);
  await openMarket(writer);
  const calls = Array.from({ length: 20 }, (_, call) =>
    writer.submit([1, 2, 3].map((place) => by("ann", limit(10 * call + place, "SELL", [1, 30])))),
  );
  for (const outcomes of await Promise.all(calls)) {
    const [first] = outcomes;
    expect(outcomes.map(({ seq }) => seq)).toEqual([first!.seq, first!.seq + 1, first!.seq + 2]);
  }
});

test("what would be refused is told before it is journaled, also of owners that are new", async () => {
  await using exchange = await testExchange();
  await using writer = await testWriter(exchange);
  await openMarket(writer);
  const crossing = limit(2, "BUY", [1, 30], { isPostOnly: true });
  expect(writer.check(by("bob", crossing))).toBeUndefined();
  await submit(writer, by("ann", limit(1, "SELL", [1, 30])));
  expect(writer.check(by("bob", crossing))).toBe("WOULD_CROSS");
  expect(writer.check(by("bob", { ...crossing, market: 9 }))).toBe("UNKNOWN_MARKET");
  const { refusal, events } = await submit(writer, by("bob", crossing));
  expect([refusal, events[0]?.kind]).toEqual(["WOULD_CROSS", "REJECTED"]);
});

test("GTD an order ends at its time by a command of the journal, though nobody asks", async () => {
  await using exchange = await testExchange();
  await using writer = await testWriter(exchange);
  await openMarket(writer);
  const ended = Promise.withResolvers<AppliedBatch>();
  const listening = writer.onBatch((batch) => {
    if (batch.events.some(({ kind }) => kind === "EXPIRED")) ended.resolve(batch);
  });
  const expireMs = Date.now() + 300;
  await submit(writer, by("ann", limit(1, "SELL", [3, 30], { timeInForce: "GTD", expireMs })));
  const batch = await ended.promise;
  listening[Symbol.dispose]();
  expect(batch.atMs).toBeGreaterThanOrEqual(expireMs);
  expect(batch.releases).toEqual([
    { hold: orderId(1), step: 1, owner: ownerOf("ann"), asset: "ABAN", minor: 3n },
  ]);
  await writer.flushed();
  const rows = await rowsOf(
    exchange,
    "select state, reason, remaining, lots, held_minor from orders",
  );
  expect(rows).toEqual([
    { state: "EXPIRED", reason: "GTD", remaining: 0, lots: 3, held_minor: 0n },
  ]);
});

test("GTD an order does not trade after its time while others are being ended", async () => {
  await using exchange = await testExchange();
  await using writer = await testWriter(exchange);
  await openMarket(writer);
  const startMs = Date.now();
  const good = (number: number, expireMs: number) =>
    by("ann", limit(number, "SELL", [1, 30], { timeInForce: "GTD", expireMs }));
  await writer.submit([good(1, startMs + 300), good(2, startMs + 400)]);
  await using blocker = await openConnection({ url: exchange.url, name: "blocker" });
  await blocker.query("begin");
  await blocker.query("select from engine_shard for update");
  await vi.waitUntil(async () => {
    const waits = `select from pg_stat_activity where datname = current_database()
      and wait_event_type = 'Lock' and query like '%engine_journal%'`;
    return Date.now() > startMs + 400 && (await rowsOf(exchange, waits)).length > 0;
  }, 5000);
  const taken = submit(writer, by("bob", limit(3, "BUY", [1, 30])));
  await blocker.query("rollback");
  expect((await taken).events.map(({ kind }) => kind)).toEqual(["ACCEPTED"]);
});

test("GTD an order does not trade after its time though that was over before it was journaled", async () => {
  await using exchange = await testExchange();
  await using writer = await testWriter(exchange);
  await openMarket(writer);
  await using blocker = await openConnection({ url: exchange.url, name: "blocker" });
  await blocker.query("begin");
  await blocker.query("select from engine_shard for update");
  const expireMs = Date.now() + 200;
  const rest = { timeInForce: "GTD", expireMs } as const;
  const placed = submit(writer, by("ann", limit(1, "SELL", [1, 30], rest)));
  await vi.waitUntil(() => Date.now() > expireMs);
  const taken = submit(writer, by("bob", limit(2, "BUY", [1, 30])));
  await blocker.query("rollback");
  expect((await placed).events.map(({ kind }) => kind)).toEqual(["ACCEPTED"]);
  expect((await taken).events.map(({ kind }) => kind)).toEqual(["ACCEPTED"]);
});

test("L3 nobody waits for what comes too late, is too much, or after the end", async () => {
  await using exchange = await testExchange();
  const writer = await testWriter(exchange);
  await openMarket(writer);
  const late = writer.submit([by("ann", limit(1, "SELL", [1, 30]))], {
    deadlineMs: Date.now() - 1,
  });
  await expect(late).rejects.toSatisfy((error) => reasonOf(error) === "DEADLINE_PASSED");
  const signal = AbortSignal.abort();
  const gone = writer.submit([by("ann", limit(1, "SELL", [1, 30]))], { signal });
  await expect(gone).rejects.toSatisfy((error) => reasonOf(error) === "DEADLINE_PASSED");
  const many = Array.from({ length: MAX_BATCH_COMMANDS }, () => by("ann", cancel(1)));
  await expect(writer.submit([...many, ...many])).rejects.toThrow("travel together");
  const calls = Array.from({ length: 20 }, () => writer.submit(many));
  const ends = await Promise.allSettled(calls);
  const refused = ends.filter(({ status }) => status === "rejected");
  expect(refused.length).toBeGreaterThan(0);
  for (const end of refused) {
    expect(reasonOf((end as PromiseRejectedResult).reason)).toBe("OVERLOADED");
  }
  await writer[Symbol.asyncDispose]();
  await expect(writer.submit([by("ann", cancel(1))])).rejects.toSatisfy(
    (error) => reasonOf(error) === "SHUTTING_DOWN",
  );
});

test("FUND-8 an id without an order is refused for ever once it is burned; one with an order is not", async () => {
  await using exchange = await testExchange();
  await using writer = await testWriter(exchange);
  await openMarket(writer);
  await submit(writer, by("ann", limit(1, "SELL", [1, 30])));
  await submit(writer, by("ann", limit(2, "SELL", [1, 30])));
  await submit(writer, by("ann", cancel(2)));
  const comes = submit(writer, by("ann", limit(3, "SELL", [1, 30])));
  const burned = await writer.burn([1, 2, 3, 4].map(orderId));
  expect(burned).toEqual([orderId(4)]);
  expect((await comes).refusal).toBeUndefined();
  const [refused, taken] = await writer.submit([
    by("ann", limit(4, "SELL", [1, 30])),
    by("ann", limit(5, "SELL", [1, 30])),
  ]);
  expect(refused).toMatchObject({ refusal: "ORDER_ID_RELEASED", seq: 0, events: [] });
  expect(taken!.refusal).toBeUndefined();
  const alone = await submit(writer, by("ann", limit(4, "SELL", [1, 30])));
  expect(alone.refusal).toBe("ORDER_ID_RELEASED");
  expect(await rowsOf(exchange, "select id from burned_order")).toHaveLength(1);
});

test("L8 lost answers of commits are found in the journal: every command is there once, and told once", async () => {
  await using exchange = await testExchange();
  await using writer = await testWriter(exchange);
  await openMarket(writer);
  const told: number[] = [];
  const listening = writer.onBatch(({ batch }) => void told.push(batch));
  await using killer = await openConnection({ url: exchange.url, name: "killer" });
  const calls: Promise<number>[] = [];
  for (let number = 1; number <= 300; number += 1) {
    const [side, price] = number % 2 === 0 ? (["SELL", 20] as const) : (["BUY", 20] as const);
    const placed = submit(writer, by(`user${number % 5}`, limit(number, side, [1, price])));
    calls.push(placed.then(({ seq }) => seq));
    if (number % 100 === 0) {
      await killer.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
          where application_name in ('matching commits', 'matching reads')
            and datname = current_database()`,
      );
    }
    if (number % 10 === 0) await calls.at(-1);
  }
  const seqs = await Promise.all(calls);
  listening[Symbol.dispose]();
  expect(new Set(seqs).size).toBe(300);
  expect(told).toEqual(Array.from(told, (_, place) => told[0]! + place));
  await writer.flushed();
  const [{ count, sum }] = (await rowsOf<{ count: number; sum: number }>(
    exchange,
    "select count(*), sum(filled_lots)::bigint as sum from orders",
  )) as [{ count: number; sum: number }];
  expect([count, sum]).toEqual([300, 300]);
  expect(writer.epoch).toBeGreaterThan(1);
});

test("L8 the callers of a batch whose commit was not answered are told what the journal has", async () => {
  await using exchange = await testExchange();
  await using proxy = await startDatabaseProxy(exchange.url);
  await using writer = await testWriter({ ...exchange, url: proxy.url });
  await openMarket(writer);
  await submit(writer, by("ann", limit(1, "SELL", [3, 20])));
  await writer.flushed();
  const told: AppliedBatch[] = [];
  const listening = writer.onBatch((batch) => void told.push(batch));
  const before = writer.engine;
  proxy.hangUpAfter("engine_journal");
  const taken = submit(writer, by("bob", limit(2, "BUY", [2, 20])));
  await expect.poll(() => writer.isReady()).toBe(false);
  proxy.hangUpAfter("nothing of this kind");
  const { events, batch, seq } = await taken;
  expect(events).toMatchObject([{ kind: "ACCEPTED" }, { kind: "TRADE", lots: 2 }]);
  listening[Symbol.dispose]();
  expect(told).toMatchObject([{ batch, isReplay: false }]);
  expect(writer.engine).not.toBe(before);
  const again = await submit(writer, by("bob", cancel(2)));
  expect([again.refusal, again.seq]).toEqual(["UNKNOWN_ORDER", seq + 1]);
  await writer.flushed();
  expect(await rowsOf(exchange, "select trade_id from trade")).toEqual([{ trade_id: 1 }]);
});

test("X3 a writer whose shard was taken writes nothing more, and ends", async () => {
  await using exchange = await testExchange();
  const first = await testWriter(exchange);
  await openMarket(first);
  await using second = await testWriter(exchange);
  const lost = submit(first, by("ann", limit(1, "SELL", [1, 30])));
  await expect(lost).rejects.toSatisfy((error) => reasonOf(error) === "OUTCOME_UNKNOWN");
  expect((await first.ended)?.name).toBe("Deposed");
  const rests = await submit(second, by("ann", limit(1, "SELL", [1, 30])));
  expect(rests.events).toMatchObject([{ kind: "ACCEPTED" }]);
});

test("X3 nothing is decided on the books by a process that has slept, until it knows that they are its own", async () => {
  await using exchange = await testExchange();
  let sleptMs = 0;
  const clock = { ...systemClock, monotonicMs: () => systemClock.monotonicMs() + sleptMs };
  await using writer = await testWriter(exchange, { clock });
  await openMarket(writer);
  const order = by("ann", limit(1, "SELL", [1, 30]));
  expect(writer.check(order)).toBeUndefined();
  sleptMs = SHARD_LEASE_MS;
  const isAway = (error: unknown) => reasonOf(error) === "BOOKS_AWAY";
  expect(() => writer.check(order)).toThrow(expect.toSatisfy(isAway));
  expect(() => writer.engine).toThrow(expect.toSatisfy(isAway));
  expect(writer.shown.market(1)?.state).toBe("TRADING");
  await vi.waitFor(() => expect(writer.check(order)).toBeUndefined(), 5000);
  expect(writer.engine.market(1)?.state).toBe("TRADING");
});

test("rows that PostgreSQL refuses again and again end the writer, though it journals on meanwhile", async () => {
  await using exchange = await testExchange();
  await using writer = await testWriter(exchange);
  await openMarket(writer);
  await writer.flushed();
  await rowsOf(exchange, "alter table orders add constraint no_sevens check (lots <> 7)");
  const end: { error?: Error | undefined } = {};
  void writer.ended.then((error) => (end.error = error));
  for (let calls = 0; end.error === undefined && calls < 2000; calls += 1) {
    const placed = submit(writer, by("ann", limit(calls, "SELL", [7, 30])));
    await placed.catch(() => undefined); // it ends while some are on their way
  }
  expect(end.error?.message).toContain("no_sevens");
});

test("an order that stays shows no reason, though another has ended rather than trade with it", async () => {
  await using exchange = await testExchange();
  await using writer = await testWriter(exchange);
  await openMarket(writer);
  await submit(writer, by("ann", limit(1, "SELL", [5, 20])));
  await submit(writer, by("ann", limit(2, "BUY", [3, 20], { stp: "EXPIRE_TAKER" })));
  await writer.flushed();
  expect(await rowsOf(exchange, "select state, reason from orders order by place")).toEqual([
    { state: "NEW", reason: "" },
    { state: "EXPIRED_IN_MATCH", reason: "SELF_TRADE" },
  ]);
});

test("a standby follows the journal and serves when the writer is done", async () => {
  await using exchange = await testExchange();
  const first = await testWriter(exchange);
  await openMarket(first);
  const waiting = testWriter(exchange, { when: "free", clock: systemClock });
  await submit(first, by("ann", limit(1, "SELL", [1, 30])));
  await first[Symbol.asyncDispose]();
  await using second = await waiting;
  expect(second.engine.order(orderId(1))?.remaining).toBe(1);
  expect((await submit(second, by("bob", limit(2, "BUY", [1, 30])))).events).toHaveLength(2);
});
