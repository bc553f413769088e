import { sql } from "kysely";
import type { MessageState } from "../domain/message.ts";
import type { Tx } from "./tables.ts";

/** What of a message goes to the provider. */
export type OutgoingRow = {
  readonly messageId: string;
  readonly chunkId: string;
  readonly ref: bigint;
  /** E.164. */
  readonly receiver: string;
  readonly sender: string;
  /** Which of the texts of its chunk it is. */
  readonly textNumber: number;
  readonly segments: number;
  /** How long it has waited since it was queued, and how long it may still be sent. */
  readonly waitedMs: number;
  readonly leftMs: number;
};

/** Reads what is to be sent, in the order of the ids. */
export async function readOutgoing(tx: Tx, ids: readonly string[]): Promise<OutgoingRow[]> {
  const { rows } = await sql<{
    readonly id: string;
    readonly chunk_id: string;
    readonly ref: string;
    readonly receiver: string;
    readonly sender: string;
    readonly text_number: number;
    readonly segments: number;
    readonly waited_ms: number | null;
    readonly left_ms: number;
  }>`
    select id, chunk_id, ref::text, receiver, sender, text_number, segments,
      extract(epoch from now() - queued_at)::float8 * 1000 as waited_ms,
      extract(epoch from expires_at - now())::float8 * 1000 as left_ms
    from message where id = any(${ids}::uuid[])
    order by id`.execute(tx);
  return rows.map(({ id: messageId, ref, receiver, sender, segments, ...row }) => ({
    messageId,
    chunkId: row.chunk_id,
    ref: BigInt(ref),
    receiver: `+${receiver}`,
    sender,
    textNumber: row.text_number,
    segments,
    waitedMs: row.waited_ms ?? 0,
    leftMs: row.left_ms,
  }));
}

/** Where messages stand, and what a look-up needs to know of them. */
export type Whereabouts = {
  readonly messageId: string;
  readonly state: MessageState;
  readonly ref: bigint;
  /** How long it may still be sent, in milliseconds; below zero when its validity is over. */
  readonly leftMs: number;
};

/** Tells where messages stand. */
export async function readWhereabouts(
  tx: Tx,
  ids: readonly string[],
): Promise<Map<string, Whereabouts>> {
  const { rows } = await sql<{
    readonly id: string;
    readonly state: MessageState;
    readonly ref: string;
    readonly left_ms: number;
  }>`
    select id, state, ref::text, extract(epoch from expires_at - now())::float8 * 1000 as left_ms
    from message where id = any(${ids}::uuid[])`.execute(tx);
  return new Map(
    rows.map(({ id: messageId, state, ref, left_ms: leftMs }) => [
      messageId,
      { messageId, state, ref: BigInt(ref), leftMs },
    ]),
  );
}
