import { crc32 } from "node:zlib";
import type { Connection } from "#mesh/database/connection.ts";
import { base64, fromBase64 } from "./base64.ts";

/** A batch of commands as the journal has it. */
export type JournalRow = {
  /** Gapless from 1. */
  readonly batch: number;
  /** The numbers of its first and last command, gapless over all batches. */
  readonly firstSeq: number;
  readonly lastSeq: number;
  /** When it was journaled: the time of all of its commands, in milliseconds since 1970. */
  readonly atMs: number;
  /** Of `commands`, then `texts`. */
  readonly crc32: number;
  /** Over the events of all batches up to this one, as the writer saw them by then. */
  readonly eventsBatch: number;
  readonly eventsCrc32: number;
  readonly commands: Uint8Array;
  readonly texts: Uint8Array;
};

/** The checksum of a batch. */
export function journalCrc32(row: Pick<JournalRow, "commands" | "texts">): number {
  return crc32(row.texts, crc32(row.commands));
}

/** Goes on with the checksum of events by those of one more batch. */
export function eventsCrc32(before: number, events: Uint8Array): number {
  return crc32(events, before);
}

/** Reads the batches of a shard after one, in their order, so many at most. */
export async function readJournal(
  connection: Connection,
  {
    shard,
    after,
    until,
  }: { readonly shard: number; readonly after: number; readonly until: number },
): Promise<JournalRow[]> {
  const rows = await connection.query<Row>(
    `select batch, first_seq, last_seq, at_ms, crc32, events_batch, events_crc32,
        ${base64("commands")} as commands, ${base64("texts")} as texts
      from journal where shard = $1 and batch > $2 and batch <= $3 order by batch`,
    [shard, after, until],
  );
  return rows.map((row) => ({
    batch: row.batch,
    firstSeq: row.first_seq,
    lastSeq: row.last_seq,
    atMs: row.at_ms,
    crc32: row.crc32,
    eventsBatch: row.events_batch,
    eventsCrc32: row.events_crc32,
    commands: fromBase64(row.commands),
    texts: fromBase64(row.texts),
  }));
}

type Row = {
  batch: number;
  first_seq: number;
  last_seq: number;
  at_ms: number;
  crc32: number;
  events_batch: number;
  events_crc32: number;
  commands: string;
  texts: string;
};

/** Deletes batches that no snapshot needs and that are older than a time; returns how many. */
export async function pruneJournal(
  connection: Connection,
  { shard, beforeMs, most }: { shard: number; beforeMs: number; most: number },
): Promise<number> {
  const [row] = await connection.query<{ count: number }>(
    `with needed as (
        select min(batch) as batch from snapshot where shard = $1
      ), old as (
        select journal.batch from journal, needed
          where shard = $1 and journal.batch <= needed.batch and at_ms < $2
          order by journal.batch limit $3
      ), gone as (
        delete from journal using old where shard = $1 and journal.batch = old.batch returning 1
      )
      select count(*) as count from gone`,
    [shard, beforeMs, most],
  );
  return row!.count;
}
