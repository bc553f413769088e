import { type RawBuilder, sql } from "kysely";
import type { ChunkMoney } from "../domain/decide-chunk.ts";
import type { ChargeState } from "../domain/message.ts";
import type { Tx } from "./tables.ts";

/** A chunk that is locked until the transaction ends. */
export type LockedChunk = {
  readonly id: string;
  readonly messageIds: readonly string[];
  readonly money: ChunkMoney;
  /** When the transaction began, by the database (L16). */
  readonly nowMs: number;
};

/** Locks chunks, and so the moves of their messages. Everybody does it in the order of the ids. */
export async function lockChunks(tx: Tx, ids: readonly string[]): Promise<LockedChunk[]> {
  const { rows } = await sql<Row>`
    select id, charge, open_count, open_amount, message_ids,
      extract(epoch from now())::float8 * 1000 as now_ms
    from chunk
    where id = any(${ids}::uuid[])
    order by id for update`.execute(tx);
  return rows.map(({ id, charge, open_count: openCount, open_amount: open, ...row }) => ({
    id,
    messageIds: row.message_ids,
    money: { charge, openCount, openAmount: BigInt(open) },
    nowMs: row.now_ms,
  }));
}

type Row = {
  readonly id: string;
  readonly charge: ChargeState;
  readonly open_count: number;
  readonly open_amount: number;
  readonly message_ids: string[];
  readonly now_ms: number;
};

/** What is in a chunk; none of it ever changes. */
export type ChunkMembers = {
  readonly accountId: string;
  readonly messageIds: readonly string[];
};

/** What is in a chunk, with its texts. */
export type ChunkTexts = ChunkMembers & { readonly texts: readonly string[] };

/** Whose chunks are, and which messages are in them. */
export async function readMembers(
  tx: Tx,
  ids: readonly string[],
): Promise<Map<string, ChunkMembers>> {
  return readContents(tx, ids, sql`null`);
}

/** Whose chunks are, what is in them, and their texts. */
export async function readChunks(tx: Tx, ids: readonly string[]): Promise<Map<string, ChunkTexts>> {
  return readContents(tx, ids, sql`texts`);
}

async function readContents(
  tx: Tx,
  ids: readonly string[],
  texts: RawBuilder<unknown>,
): Promise<Map<string, ChunkTexts>> {
  const { rows } = await sql<{
    readonly id: string;
    readonly account_id: string;
    readonly message_ids: string[];
    readonly texts: string[] | null;
  }>`
    select id, account_id, message_ids, ${texts} as texts from chunk
    where id = any(${ids}::uuid[])`.execute(tx);
  return new Map(
    rows.map(({ id, account_id: accountId, message_ids: messageIds, ...row }) => [
      id,
      { accountId, messageIds, texts: row.texts ?? [] },
    ]),
  );
}

/** Writes where the money of locked chunks is now. */
export async function saveChunks(
  tx: Tx,
  chunks: readonly { readonly id: string; readonly money: ChunkMoney }[],
): Promise<void> {
  if (chunks.length === 0) return;
  const ids = chunks.map(({ id }) => id);
  await sql`
    update chunk c set charge = v.charge, open_count = v.open_count, open_amount = v.open_amount
    from unnest(
      ${ids}::uuid[],
      ${chunks.map(({ money }) => money.charge)}::charge_state[],
      ${chunks.map(({ money }) => money.openCount)}::smallint[],
      ${chunks.map(({ money }) => money.openAmount.toString())}::bigint[])
      as v (id, charge, open_count, open_amount)
    where c.id = v.id and c.id = any(${ids}::uuid[])`.execute(tx);
}
