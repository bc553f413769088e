import { CommandReader } from "../../services/matching/domain/command-log.ts";
import { CommandRecord } from "../../services/matching/domain/command-record.ts";
import { createEngine } from "../../services/matching/domain/create-engine.ts";
import type { Engine } from "../../services/matching/domain/engine.ts";
import { EventLog } from "../../services/matching/domain/event-log.ts";
import type { Found } from "./found.ts";
import type { Logs } from "./logs.ts";

/** An engine whose book is filled, and the log that its batches write. */
export function filled({ fill }: Pick<Logs, "fill">): Engine {
  const engine = createEngine();
  applyAll(engine, fill, undefined, START_MS - HOUR_MS);
  return engine;
}

/** What is done with the events of a batch before the next one. */
export type Consume = (events: EventLog, engine: Engine) => void;

/**
 * Reads the commands of a log and applies them, in batches of 512 with a millisecond between them.
 * Throws when one is refused.
 */
export function applyAll(
  engine: Engine,
  bytes: Uint8Array,
  consume: Consume = () => {},
  fromMs = START_MS,
): void {
  const [reader, record, events] = [new CommandReader(bytes), new CommandRecord(), new EventLog()];
  let atMs = fromMs;
  for (let applied = 1; reader.next(record); applied += 1) {
    const refusal = engine.apply(record, atMs, events);
    if (refusal !== 0) throw new Error(`command ${applied} was refused: ${refusal}`);
    if (applied % BATCH !== 0) continue;
    consume(events, engine);
    events.clear();
    atMs += 1;
  }
  consume(events, engine);
}

/** Fills a book and measures what comes after. */
export function runEngine(logs: Logs, consume?: Consume): Found {
  const engine = filled(logs);
  const startMs = performance.now();
  applyAll(engine, logs.measured, consume);
  const seconds = (performance.now() - startMs) / 1000;
  const sides = ["BUY", "SELL"] as const;
  const levels = sides.flatMap((side) => engine.depth(1, side, Infinity));
  return {
    perSecond: logs.count / seconds,
    levels: levels.length,
    lots: levels.reduce((sum, { lots }) => sum + lots, 0),
    fills: engine.market(1)!.tradeId,
  };
}

/** How many commands have a time in common. */
export const BATCH = 512;

/** When the first batch is that is measured; books are filled within the hour before. */
export const START_MS = Date.UTC(2026, 0, 1);
const HOUR_MS = 60 * 60 * 1000;
