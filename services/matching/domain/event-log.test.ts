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
  const events: Event[] = [];
  log.forEach((event) => events.push(event));
  const cursor = new EventCursor(log);
  const seen = new Set<string>();
  for (const event of events) {
    expect(cursor.next()).toBe(true);
    const { kind, market, seq } = cursor;
    expect({ kind, market, seq }).toEqual({
      kind: event.kind,
      market: event.market,
      seq: event.seq,
    });
    seen.add(kind);
    if (event.kind === "TRADE") {
      const { price, lots, tradeId, side, limit } = cursor;
      const { taker } = event;
      const told = { price, lots, tradeId, side: ["BUY", "SELL"][side], limit };
      const { price: at, lots: of, tradeId: id } = event;
      expect(told).toEqual({
        price: at,
        lots: of,
        tradeId: id,
        side: taker.side,
        limit: taker.price,
      });
    }
    if (event.kind === "AMENDED") {
      expect([cursor.price, cursor.limit]).toEqual([event.oldPrice, event.facts.price]);
    }
  }
  expect(cursor.next()).toBe(false);
  expect(seen.size).toBe(10);
});

test("the numbers of a market's events and trades have no gaps", () => {
  const { log } = fill();
  const last = new Map<string, number>();
  const follows = (series: string, number: number) => {
    expect(number).toBe((last.get(series) ?? 0) + 1);
    last.set(series, number);
  };
  log.forEach((event) => {
    follows(`event ${event.market}`, event.seq);
    if (event.kind === "TRADE") follows(`trade ${event.market}`, event.tradeId);
  });
  expect(last.size).toBe(4);
});

test("a log that was cleared begins anew", () => {
  const { log } = fill();
  log.clear();
  expect([log.count, log.commands, log.bytes().length]).toEqual([0, 0, 0]);
  expect(new EventCursor(log).next()).toBe(false);
});
