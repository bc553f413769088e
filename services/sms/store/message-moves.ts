import { sql } from "kysely";
import type { Decided } from "../domain/decide-chunk.ts";
import type { ChargeState, FailureReason, Lane, MessageState } from "../domain/message.ts";
import type { Tx } from "./tables.ts";

/** A message as far as its moves need it. */
export type MovingMessage = Decided & {
  readonly chunkId: string;
  readonly accountId: string;
  readonly lane: Lane;
  readonly clientReference: string;
};

/** Which chunk each of some messages is of. */
export async function chunksOf(
  tx: Tx,
  messageIds: readonly string[],
): Promise<Map<string, string>> {
  const { rows } = await sql<{ id: string; chunk_id: string }>`
    select id, chunk_id from message
    where id = any(${messageIds}::uuid[])`.execute(tx);
  return new Map(rows.map(({ id, chunk_id: chunkId }) => [id, chunkId]));
}

/** Reads messages whose chunks are locked. */
export async function readMoving(tx: Tx, ids: readonly string[]): Promise<MovingMessage[]> {
  const { rows } = await sql<Row>`
    select ${columns}, expires_at <= now() as is_over from message
    where id = any(${ids}::uuid[])`.execute(tx);
  return rows.map(toMoving);
}

/** What is written of a message that moved; what is undefined stays as it is. */
export type Written = {
  readonly message: MovingMessage;
  /** How often it was taken for an attempt. */
  readonly taken: number;
  readonly isSent: boolean;
  readonly hasEnded: boolean;
  readonly provider: string | undefined;
  readonly providerId: string | undefined;
  readonly tariff: string | undefined;
  readonly parts: number | undefined;
};

/** Writes messages that moved, whose chunks are locked. */
export async function writeMoves(tx: Tx, written: readonly Written[]): Promise<void> {
  const of = <T>(value: (message: MovingMessage) => T) => written.map((one) => value(one.message));
  const column = <K extends keyof Written>(name: K) => written.map((one) => one[name] ?? null);
  const ids = of(({ id }) => id);
  await sql`
    update message m set state = v.state, charge = v.charge, failure = v.failure,
      revision = v.revision, updated_at = now(), attempts = m.attempts + v.taken,
      sent_at = case when v.is_sent then now() else m.sent_at end,
      ended_at = case when v.has_ended then now() end,
      provider = coalesce(v.provider, m.provider),
      provider_id = coalesce(v.provider_id, m.provider_id),
      provider_tariff = coalesce(v.tariff, m.provider_tariff),
      provider_parts = coalesce(v.parts, m.provider_parts)
    from unnest(
      ${ids}::uuid[],
      ${of(({ state }) => state)}::message_state[],
      ${of(({ charge }) => charge)}::charge_state[],
      ${of(({ failure }) => failure ?? null)}::failure_reason[],
      ${of(({ revision }) => revision)}::int[],
      ${column("taken")}::smallint[],
      ${column("isSent")}::boolean[],
      ${column("hasEnded")}::boolean[],
      ${column("provider")}::text[],
      ${column("providerId")}::text[],
      ${column("tariff")}::text[],
      ${column("parts")}::smallint[])
      as v (id, state, charge, failure, revision, taken, is_sent, has_ended,
        provider, provider_id, tariff, parts)
    where m.id = v.id and m.id = any(${ids}::uuid[])`.execute(tx);
}

/** Captures messages that were reserved with others of their chunk, and did not move themselves. */
export async function captureBeside(tx: Tx, ids: readonly string[]): Promise<MovingMessage[]> {
  const { rows } = await sql<Row>`
    update message set charge = 'CAPTURED', revision = revision + 1, updated_at = now()
    where id = any(${ids}::uuid[]) and charge = 'RESERVED'
    returning ${columns}, false as is_over`.execute(tx);
  return rows.map(toMoving);
}

/** Something out of the ordinary in the life of a message (ST-2). */
export type Note = {
  readonly messageId: string;
  readonly kind: string;
  readonly detail: string;
};

/** Notes what was out of the ordinary. */
export async function addNotes(tx: Tx, notes: readonly Note[]): Promise<void> {
  if (notes.length === 0) return;
  await sql`
    insert into message_note (message_id, kind, detail)
    select * from unnest(
      ${notes.map(({ messageId }) => messageId)}::uuid[],
      ${notes.map(({ kind }) => kind)}::text[],
      ${notes.map(({ detail }) => detail)}::text[])`.execute(tx);
}

/** How often each of some messages was retried for a reason with which the details begin. */
export async function countRetries(
  tx: Tx,
  ids: readonly string[],
  reason: string,
): Promise<ReadonlyMap<string, number>> {
  if (ids.length === 0) return new Map();
  const { rows } = await sql<{ message_id: string; retries: number }>`
    select message_id, count(*) as retries from message_note
    where message_id = any(${ids}::uuid[])
      and kind = 'RETRY' and starts_with(detail, ${reason})
    group by message_id`.execute(tx);
  return new Map(rows.map(({ message_id: id, retries }) => [id, retries]));
}

const columns = sql`id, chunk_id, account_id, lane, state, charge, failure, price, revision,
  client_reference`;

type Row = {
  readonly id: string;
  readonly chunk_id: string;
  readonly account_id: string;
  readonly lane: Lane;
  readonly state: MessageState;
  readonly charge: ChargeState;
  readonly failure: FailureReason | null;
  readonly price: number;
  readonly revision: number;
  readonly client_reference: string | null;
  readonly is_over: boolean;
};

function toMoving({ id, lane, state, charge, revision, ...row }: Row): MovingMessage {
  return {
    id,
    chunkId: row.chunk_id,
    accountId: row.account_id,
    lane,
    state,
    charge,
    failure: row.failure ?? undefined,
    price: BigInt(row.price),
    revision,
    clientReference: row.client_reference ?? "",
    isOver: row.is_over,
  };
}
