import assert from "node:assert";
import { CommandLog, CommandReader } from "../domain/command-log.ts";
import { CommandRecord } from "../domain/command-record.ts";
import type { Command } from "../domain/command.ts";
import { createEngine } from "../domain/create-engine.ts";
import type { Engine } from "../domain/engine.ts";
import { EventLog } from "../domain/event-log.ts";
import type { Event } from "../domain/event.ts";
import { loadEngine } from "../domain/load-engine.ts";
import { createNaiveEngine } from "../domain/naive-engine.ts";
import { refusalOf } from "../domain/refusals.ts";
import { toRecord } from "../domain/to-record.ts";
import { compareStates } from "./compare-states.ts";
import type { TimedCommand } from "./random-commands.ts";
import { START_MS } from "./random-order.ts";

/**
 * Applies commands to the naive engine and to the fast one, and fails at the first difference: of a
 * refusal, of an event, of what can be read of orders and books. On the way the fast engine is
 * written down and read back; in the end its journal is replayed and has to come to the same state.
 */
export function compareEngines(commands: readonly TimedCommand[]): void {
  const naive = createNaiveEngine();
  let engine: Engine = createEngine();
  const [record, events, log] = [new CommandRecord(), new EventLog(), new CommandLog()];
  const told: Told[] = [];
  let atMs = START_MS;
  for (const [index, { command, afterMs }] of commands.entries()) {
    atMs += afterMs;
    log.append(toRecord(command, record));
    const expected = naive.apply(command, atMs);
    const foreseen = isForeseen(command) ? engine.refusal(record, atMs) : undefined;
    events.clear();
    const code = engine.apply(record, atMs, events);
    told.push({ atMs, bytes: Uint8Array.from(events.bytes()) });
    assert.deepStrictEqual(eventsOf(events), expected.events);
    assert.strictEqual(refusalOf(code), expected.refusal);
    if (foreseen !== undefined) assert.strictEqual(foreseen, code, "a refusal is foreseen");
    if (index % CHECK_EVERY === 0) compareStates(naive, engine);
    if (index === Math.floor(commands.length / 2)) engine = reload(engine);
  }
  compareStates(naive, engine);
  compareReplay(engine, log, told);
}

const CHECK_EVERY = 50;

function isForeseen({ kind }: Command): boolean {
  return kind === "PLACE" || kind === "OCO" || kind === "AMEND" || kind === "REPLACE";
}

function eventsOf(log: EventLog): Event[] {
  const events: Event[] = [];
  log.forEach((event) => events.push(event));
  return events;
}

function reload(engine: Engine): Engine {
  const loaded = loadEngine(engine.dump());
  assert.strictEqual(loaded.stateHash(), engine.stateHash(), "a dump has all of the state");
  return loaded;
}

/** When a command was applied, and the bytes of its events. */
type Told = { readonly atMs: number; readonly bytes: Uint8Array };

function compareReplay(engine: Engine, log: CommandLog, told: readonly Told[]): void {
  const replayed = createEngine();
  const [record, events] = [new CommandRecord(), new EventLog()];
  const reader = new CommandReader(log.bytes());
  for (const { atMs, bytes } of told) {
    assert(reader.next(record), "the log has every command");
    events.clear();
    replayed.apply(record, atMs, events);
    assert(Buffer.compare(events.bytes(), bytes) === 0, "a replay has the same events");
  }
  assert(!reader.next(record), "the log has no other command");
  assert.strictEqual(replayed.stateHash(), engine.stateHash(), "a replay has the same state");
}
