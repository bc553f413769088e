import type { Command } from "../domain/command.ts";
import { CommandReader } from "../domain/command-log.ts";
import { CommandRecord } from "../domain/command-record.ts";
import type { Event } from "../domain/event.ts";
import { EventCursor } from "../domain/event-cursor.ts";
import type { EventLog } from "../domain/event-log.ts";
import { FACTS } from "../domain/event-words.ts";
import { FACT_WORDS, HAS_MORE, LOTS, MORE_WORDS, TERMS } from "../domain/facts.ts";
import { fromRecord } from "../domain/from-record.ts";

/** An event with what its words tell besides. */
export type Happened = {
  readonly event: Event;
  /** The place of its command in the batch. */
  readonly place: number;
  /** The quantity, as amended, of its order or of the taker, and that of the maker. */
  readonly lots: number;
  readonly makerLots: number;
};

/** Reads all events of a log as objects. */
export function readEvents(log: EventLog): Happened[] {
  const events: Happened[] = [];
  const cursor = new EventCursor(log);
  for (let start = 0; cursor.next(); start += log.words[start]! >>> 16) {
    const event = cursor.event();
    const taker = start + FACTS;
    const maker = "maker" in event ? secondOf(log, taker) : taker;
    const lotsAt = (facts: number) => log.reals[facts / 2 + LOTS]!;
    const [lots, makerLots] = event.kind === "STATE" ? [0, 0] : [lotsAt(taker), lotsAt(maker)];
    events.push({ event, place: cursor.command, lots, makerLots });
  }
  return events;
}

function secondOf({ words }: EventLog, first: number): number {
  const hasMore = (words[first + TERMS]! & HAS_MORE) !== 0;
  return first + FACT_WORDS + (hasMore ? MORE_WORDS : 0);
}

/** Makes what reads the commands of a batch by their places, which have to rise. */
export function commandsByPlace(commands: Uint8Array): (place: number) => Command {
  const reader = new CommandReader(commands);
  const record = new CommandRecord();
  let at = -1;
  let command: Command | undefined;
  return (place) => {
    if (place !== at) command = undefined;
    while (at < place && reader.next(record)) at += 1;
    if (at !== place) throw new Error(`there is no command ${place}`);
    command ??= fromRecord(record);
    return command;
  };
}
