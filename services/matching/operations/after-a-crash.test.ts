import { sql } from "kysely";
import { expect, test } from "vitest";
import { uuidOf } from "#mesh/ids.ts";
import { MARKET_STATE_LAG_MS } from "#mesh/limits.ts";
import { createMarkets } from "../domain/markets.ts";
import { readMarkets } from "../store/markets.ts";
import {
  by,
  limit,
  openMarket,
  orderId,
  ownerOf,
  testExchange,
  testWriter,
} from "../testing/test-writer.ts";
import { endSession } from "./end-session.ts";
import { endLostSessions } from "./end-lost-sessions.ts";
import { recordMarketStates } from "./record-market-states.ts";
import { syncMarkets } from "./sync-markets.ts";

// What a crash may leave half done, and the next process does.

const funds = { freed: async () => undefined };

test("markets that have rows alone are listed in the books, and follow what the rows say", async () => {
  await using db = await testExchange(["ABAN-IRR", "ETH-BTC"]);
  const markets = createMarkets([]);
  await using writer = await testWriter(db, { markets });
  expect(writer.engine.market(1)).toBeUndefined();
  await Promise.all([1, 2].map(async () => syncMarkets({ db, markets, writer })));
  expect([1, 2].map((no) => writer.engine.market(no)?.state)).toEqual(["PRE_OPEN", "PRE_OPEN"]);
  await sql`
    update market set terms = jsonb_set(terms, '{rules,maxAmends}', '7') where no = 2`.execute(
    db.sql,
  );
  await syncMarkets({ db, markets, writer });
  expect(writer.engine.market(2)?.rules.maxAmends).toBe(7);
});

test("states that nobody has written down are written down when they stay, or at once after a band", async () => {
  await using db = await testExchange();
  const markets = createMarkets(await readMarkets(db.sql));
  await using writer = await testWriter(db, { markets });
  await openMarket(writer);
  const lag = { halted: new Set<number>(), sinceMs: new Map<number, number>() };
  const record = async (nowMs: number) => recordMarketStates({ db, markets, writer }, lag, nowMs);
  const rows = async () => (await sql`select state, reason from market`.execute(db.sql)).rows;
  await record(1000);
  expect(await rows()).toEqual([{ state: "PRE_OPEN", reason: "" }]);
  await record(1000 + MARKET_STATE_LAG_MS);
  expect(await rows()).toEqual([{ state: "TRADING", reason: "" }]);
  await writer.submit([{ command: { kind: "STATE", market: 1, state: "HALT" } }]);
  lag.halted.add(1);
  expect(await record(9000)).toBe(true);
  expect(await rows()).toEqual([{ state: "HALT", reason: "PRICE_BAND" }]);
  expect(await record(9000)).toBe(false);
});

test("a stream whose end could not be journaled is with no process from then on", async () => {
  await using db = await testExchange();
  const markets = createMarkets([]);
  const sessions = new Set([7]);
  const who = { accountId: uuidOf(ownerOf("ann")), session: 7 };
  const common = { sessions, markets, funds };
  {
    await using writer = await testWriter(db, { markets });
    await openMarket(writer);
    await writer.submit([by("ann", { ...limit(0, "SELL", [1, 20]), session: 7 })]);
    await writer[Symbol.asyncDispose]();
    await endSession({ ...common, writer, log: writer.log }, who);
  }
  expect(sessions).toEqual(new Set());
  await using writer = await testWriter(db, { markets });
  await endLostSessions({ ...common, writer });
  expect(writer.engine.order(orderId(0))).toBeUndefined();
});

test("orders of streams that are with no process end, and those of others stay", async () => {
  await using db = await testExchange();
  const markets = createMarkets([]);
  await using writer = await testWriter(db, { markets });
  await openMarket(writer);
  const placed = [0, 7, 8].map((session, number) => {
    return by("ann", { ...limit(number, "SELL", [1, 20]), session });
  });
  await writer.submit([...placed, by("bob", { ...limit(9, "SELL", [1, 20]), session: 7 })]);
  await endLostSessions({ sessions: new Set([8]), markets, writer, funds });
  const live = [0, 1, 2, 9].filter((number) => writer.engine.order(orderId(number)) !== undefined);
  expect(live).toEqual([0, 2]);
});
