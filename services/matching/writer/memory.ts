import { REMEMBERED_EVENT_SUMS } from "#mesh/limits.ts";
import { CommandReader } from "../domain/command-log.ts";
import { CommandRecord } from "../domain/command-record.ts";
import type { Engine } from "../domain/engine.ts";
import { EventLog } from "../domain/event-log.ts";
import { eventsCrc32, journalCrc32, type JournalRow } from "../store/journal.ts";

/** The books as all batches up to one have made them. */
export type Memory = {
  readonly engine: Engine;
  /** The last batch that was applied, the number of its last command, and its time. */
  batch: number;
  seq: number;
  atMs: number;
  /** The checksum of all events of all batches so far. */
  events: number;
  /** The same after each of the latest batches, so that the journal can be compared. */
  readonly sums: Map<number, number>;
};

/** Where memory begins: at a snapshot, or at nothing. */
export type Origin = Pick<Memory, "engine" | "batch" | "seq" | "atMs" | "events">;

/** Begins to remember. */
export function createMemory(origin: Origin): Memory {
  return { ...origin, sums: new Map([[origin.batch, origin.events]]) };
}

/** The journal does not say what it said, or not what memory says: nobody may go on with it. */
export class JournalError extends Error {
  override readonly name = "JournalError";
}

/** What a batch has done. It is used again and again. */
export type Applied = {
  /** What each command was answered: 0, or the number of the refusal. */
  codes: Uint8Array;
  readonly log: EventLog;
};

/** Makes room for what batches do. */
export function createApplied(): Applied {
  return { codes: new Uint8Array(1024), log: new EventLog() };
}

/**
 * Applies the next batch of the journal. Throws a JournalError that names the batch when it is not
 * the next, when its bytes or its commands are damaged, or when earlier events were others than the
 * writer saw.
 */
export function applyRow(memory: Memory, row: JournalRow, applied: Applied): void {
  check(memory, row);
  try {
    applyCommands(memory.engine, row, applied);
  } catch (cause) {
    throw new JournalError(`batch ${row.batch} of the journal can't be applied`, { cause });
  }
  if (applied.log.commands !== row.lastSeq - row.firstSeq + 1) {
    throw new JournalError(
      `batch ${row.batch} of the journal has ${applied.log.commands} commands`,
    );
  }
  memory.batch = row.batch;
  memory.seq = row.lastSeq;
  memory.atMs = row.atMs;
  memory.events = eventsCrc32(memory.events, applied.log.bytes());
  memory.sums.set(row.batch, memory.events);
  memory.sums.delete(row.batch - REMEMBERED_EVENT_SUMS);
}

const record = new CommandRecord();

function applyCommands(
  engine: Engine,
  { commands, atMs, firstSeq, lastSeq }: JournalRow,
  applied: Applied,
): void {
  const { log } = applied;
  const count = lastSeq - firstSeq + 1;
  if (applied.codes.length < count) applied.codes = new Uint8Array(2 * count);
  const { codes } = applied;
  log.clear();
  const reader = new CommandReader(commands);
  for (let place = 0; reader.next(record); place++) {
    codes[place] = engine.apply(record, atMs, log);
  }
}

function check(memory: Memory, row: JournalRow): void {
  const { batch, seq, atMs, sums } = memory;
  if (row.batch !== batch + 1)
    throw new JournalError(`batch ${batch + 1} of the journal is missing`);
  const wrong = (what: string) => new JournalError(`batch ${row.batch} of the journal ${what}`);
  if (journalCrc32(row) !== row.crc32) throw wrong("is damaged: its checksum is another one");
  if (row.firstSeq !== seq + 1 || row.lastSeq < seq) throw wrong("has wrong numbers");
  if (row.atMs < atMs) throw wrong("goes back in time");
  const sum = sums.get(row.eventsBatch);
  if (sum !== undefined && sum !== row.eventsCrc32) {
    throw wrong(`does not fit: the events up to batch ${row.eventsBatch} are others`);
  }
}
