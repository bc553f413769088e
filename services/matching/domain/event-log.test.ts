import { expect, test } from "vitest";
import { randomCommands } from "../testing/random-commands.ts";
import { START_MS } from "../testing/random-order.ts";
import { CommandRecord } from "./command-record.ts";
import { createEngine } from "./create-engine.ts";
import { EventCursor } from "./event-cursor.ts";
import { EventLog } from "./event-log.ts";
import type { Event } from "./event.ts";
import { toRecord } from "./to-record.ts";

/** The events of a random flow, in one log that has to grow, and how many each command made. */
function fill(): { log: EventLog; made: number[] } {
  const [engine, record, log] = [createEngine(), new CommandRecord(), new EventLog()];
  let atMs = START_MS;
  const made = randomCommands({ seed: 5, count: 3000 }).map(({ command, afterMs }) => {
    const before = log.count;
    atMs += afterMs;
    engine.apply(toRecord(command, record), atMs, log);
    return log.count - before;
  });
  return { log, made };
}

test("each event says which command it comes from", () => {
  const { log, made } = fill();
  const told = made.map(() => 0);
  log.forEach((_, command) => told[command]!++);
  expect(told).toEqual(made);
  expect(log.bytes().length).toBeGreaterThan(1 << 17);
});

test("a cursor tells the same as the events, without making them", () => {
  const { log } = fill();
  const expected: unknown[] = [];
  log.forEach((event) => expected.push({ ...wordsOf(event), ...pricesOf(event) }));
  const told: unknown[] = [];
  for (const cursor = new EventCursor(log); cursor.next();) told.push(read(cursor));
  expect(told).toEqual(expected);
  expect(new Set(told.map((one) => (one as Event).kind)).size).toBe(10);
});

const wordsOf = ({ kind, market, seq }: Event) => ({ kind, market, seq });

/** What a feed needs of an event to know which levels it may have changed. */
function pricesOf(event: Event) {
  if (event.kind === "AMENDED") return { price: event.oldPrice, limit: event.facts.price };
  if (event.kind !== "TRADE") return {};
  const { price, lots, tradeId, taker } = event;
  return { price, lots, tradeId, isBuy: taker.side === "BUY", limit: taker.price };
}

function read(cursor: EventCursor) {
  const { kind, market, seq, price, lots, tradeId, limit } = cursor;
  if (kind === "AMENDED") return { kind, market, seq, price, limit };
  if (kind !== "TRADE") return { kind, market, seq };
  return { kind, market, seq, price, lots, tradeId, isBuy: cursor.side === 0, limit };
}

test("the numbers of a market's events and trades have no gaps", () => {
  const { log } = fill();
  const last = new Map<string, number>();
  const gaps: string[] = [];
  const follows = (series: string, number: number) => {
    if (number !== (last.get(series) ?? 0) + 1) gaps.push(`${series} ${number}`);
    last.set(series, number);
  };
  log.forEach((event) => {
    follows(`event ${event.market}`, event.seq);
    if (event.kind === "TRADE") follows(`trade ${event.market}`, event.tradeId);
  });
  expect(gaps).toEqual([]);
  expect(last.size).toBe(4);
});

test("a log that was cleared begins anew", () => {
  const { log } = fill();
  log.clear();
  expect([log.count, log.commands, log.bytes().length]).toEqual([0, 0, 0]);
  expect(new EventCursor(log).next()).toBe(false);
});
