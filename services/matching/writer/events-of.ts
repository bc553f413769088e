import type { Command } from "../domain/command.ts";
import { CommandReader } from "../domain/command-log.ts";
import { CommandRecord } from "../domain/command-record.ts";
import type { Event } from "../domain/event.ts";
import type { EventLog } from "../domain/event-log.ts";
import { fromRecord } from "../domain/from-record.ts";

/** An event, and the place of its command in the batch. */
export type Happened = { readonly event: Event; readonly place: number };

/** Reads all events of a log as objects. */
export function readEvents(log: EventLog): Happened[] {
  const events: Happened[] = [];
  log.forEach((event, place) => events.push({ event, place }));
  return events;
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
