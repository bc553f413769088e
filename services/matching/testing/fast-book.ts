import { CommandRecord } from "../domain/command-record.ts";
import type { Command } from "../domain/command.ts";
import { createEngine } from "../domain/create-engine.ts";
import type { Engine } from "../domain/engine.ts";
import { EventLog } from "../domain/event-log.ts";
import type { Event } from "../domain/event.ts";
import { refusalOf } from "../domain/refusals.ts";
import { toRecord } from "../domain/to-record.ts";
import type { Answer, Book } from "./books.ts";

/** The fast engine as a book, by way of its records and logs. */
export function createFastBook(): Book {
  const engine = createEngine();
  return {
    apply: createApply(engine),
    depth: (market, side, levels) => engine.depth(market, side, levels),
    validate: () => engine.validate(),
  };
}

/** Applies commands to an engine and reads what happened. */
export function createApply(engine: Engine): (command: Command, atMs: number) => Answer {
  const record = new CommandRecord();
  const log = new EventLog();
  return (command, atMs) => {
    log.clear();
    const code = engine.apply(toRecord(command, record), atMs, log);
    const events: Event[] = [];
    log.forEach((event) => events.push(event));
    return { refusal: refusalOf(code), events };
  };
}
