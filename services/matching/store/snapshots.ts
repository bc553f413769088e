import { crc32 } from "node:zlib";
import type { Connection } from "#mesh/database/connection.ts";
import type { Fence } from "#mesh/database/shard-row.ts";
import { SNAPSHOT_CHUNK_BYTES } from "#mesh/limits.ts";
import { base64, fromBase64 } from "./base64.ts";

/** A dump of memory that was written as a whole. */
export type Snapshot = {
  readonly id: number;
  /** The batch after which it was taken, the number of its last command, and its time. */
  readonly batch: number;
  readonly seq: number;
  readonly atMs: number;
  /** The checksum of all events by then. */
  readonly events: number;
  readonly stateHash: string;
  readonly chunks: number;
};

/** Reads which snapshots of a shard there are, the newest first. */
export async function findSnapshots(connection: Connection, shard: number): Promise<Snapshot[]> {
  const rows = await connection.query<Row>(
    `select id, batch, last_seq, at_ms, events_crc32, state_hash, chunks from snapshot
      where shard = $1 order by batch desc, id desc`,
    [shard],
  );
  return rows.map((row) => ({
    id: row.id,
    batch: row.batch,
    seq: row.last_seq,
    atMs: row.at_ms,
    events: row.events_crc32,
    stateHash: row.state_hash,
    chunks: row.chunks,
  }));
}

type Row = {
  id: number;
  batch: number;
  last_seq: number;
  at_ms: number;
  events_crc32: number;
  state_hash: string;
  chunks: number;
};

/** Gives the id of a new snapshot, which nothing else will ever have. */
export async function newSnapshotId(connection: Connection): Promise<number> {
  const [row] = await connection.query<{ id: number }>(
    "select nextval(pg_get_serial_sequence('snapshot', 'id')) as id",
  );
  return row!.id;
}

/** A piece of a part of a dump. */
export type Chunk = { readonly no: number; readonly part: number; readonly bytes: Uint8Array };

/** Cuts the parts of a dump into chunks. An empty part has an empty one. */
export function* chunksOf(parts: readonly Uint8Array[]): Generator<Chunk> {
  let no = 0;
  for (const [part, bytes] of parts.entries()) {
    for (let from = 0; from === 0 || from < bytes.length; from += SNAPSHOT_CHUNK_BYTES) {
      yield { no, part, bytes: bytes.subarray(from, from + SNAPSHOT_CHUNK_BYTES) };
      no += 1;
    }
  }
}

/** Writes a chunk; nobody reads it before its snapshot is registered. */
export async function writeChunk(
  connection: Connection,
  { shard, id }: { readonly shard: number; readonly id: number },
  { no, part, bytes }: Chunk,
): Promise<void> {
  await connection.query(
    `insert into snapshot_chunk (snapshot_id, shard, no, part, crc32, bytes)
      values ($1, $2, $3, $4, $5, $6)`,
    [id, shard, no, part, crc32(bytes), bytes],
  );
}

/**
 * Makes a snapshot known whose chunks are written; false while the rows of its batch are not stored,
 * or when the shard is another's.
 */
export async function registerSnapshot(
  connection: Connection,
  { shard, epoch }: Fence,
  snapshot: Snapshot & { readonly bytes: number },
): Promise<boolean> {
  const { id, batch, seq, atMs, events, stateHash, chunks, bytes } = snapshot;
  const rows = await connection.query(
    `insert into snapshot (
        id, shard, batch, last_seq, at_ms, events_crc32, state_hash, chunks, bytes
      ) overriding system value
      select $3, $1, $4, $5, $6, $7, $8, $9, $10 from engine_shard join engine_progress using (shard)
        where shard = $1 and epoch = $2 and engine_progress.batch >= $4
      returning id`,
    [shard, epoch, id, batch, seq, atMs, events, stateHash, chunks, bytes],
  );
  return rows.length > 0;
}

/**
 * Deletes all snapshots of a shard but the newest ones, and what crashes have left of others. The one
 * that is being written is newer than all of them.
 */
export async function pruneSnapshots(
  connection: Connection,
  { shard, kept }: { readonly shard: number; readonly kept: number },
): Promise<void> {
  await connection.query(
    `delete from snapshot where shard = $1 and id not in (
        select id from snapshot where shard = $1 order by batch desc, id desc limit $2
      )`,
    [shard, kept],
  );
  await connection.query(
    `delete from snapshot_chunk where shard = $1
      and snapshot_id < (select max(id) from snapshot where shard = $1)
      and snapshot_id not in (select id from snapshot)`,
    [shard],
  );
}

/** Reads the parts of a dump, some chunks ahead; undefined when a chunk is missing or damaged. */
export async function readChunks(
  connection: Connection,
  { id, chunks }: Pick<Snapshot, "id" | "chunks">,
): Promise<Uint8Array[] | undefined> {
  const parts: Uint8Array[][] = [];
  const ahead: Promise<ChunkRow[]>[] = [];
  for (let no = 0; no < chunks; no += 1) {
    while (ahead.length < CHUNKS_AHEAD && no + ahead.length < chunks) {
      ahead.push(readChunk(connection, id, no + ahead.length));
    }
    const [row] = await ahead.shift()!;
    const bytes = row && fromBase64(row.bytes);
    if (bytes === undefined || crc32(bytes) !== row!.crc32) return undefined;
    (parts[row!.part] ??= []).push(bytes);
  }
  return parts.map(joined);
}

type ChunkRow = { readonly part: number; readonly crc32: number; readonly bytes: string };

async function readChunk(connection: Connection, id: number, no: number): Promise<ChunkRow[]> {
  const chunk = connection.query<ChunkRow>(
    `select part, crc32, ${base64("bytes")} as bytes from snapshot_chunk
      where snapshot_id = $1 and no = $2`,
    [id, no],
  );
  chunk.catch(() => undefined); // it is heard of in its turn
  return chunk;
}

/** How many chunks are asked for before the first of them is there. */
const CHUNKS_AHEAD = 4;

/** The pieces as one. */
function joined(pieces: readonly Uint8Array[]): Uint8Array {
  return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
}
