import { sql } from "kysely";
import type { MessageState } from "../domain/message.ts";
import { firstIdAt } from "../domain/message-id.ts";
import type { Tx } from "./tables.ts";

/** A message that a provider knows by an id of its own. */
export type KnownMessage = {
  readonly messageId: string;
  readonly chunkId: string;
  readonly providerId: string;
  readonly state: MessageState;
};

/** Which ids of a provider, and the days of which messages. */
type Wanted = {
  readonly provider: string;
  readonly providerIds: readonly string[];
  readonly fromMs: number;
  readonly toMs: number;
};

/** Finds messages by the ids of a provider, the newest last (DLR-2). */
export async function findByProviderIds(
  tx: Tx,
  { provider, providerIds, fromMs, toMs }: Wanted,
): Promise<KnownMessage[]> {
  if (providerIds.length === 0) return [];
  const { rows } = await sql<KnownMessage>`
    select id as "messageId", chunk_id as "chunkId", provider_id as "providerId", state
    from message
    where provider_id = any (${providerIds}::text[]) and provider = ${provider}
      and id >= ${firstIdAt(fromMs)}::uuid and id < ${firstIdAt(toMs)}::uuid
    order by id`.execute(tx);
  return rows;
}

/** Where messages stand now. */
export async function findStates(
  tx: Tx,
  ids: readonly string[],
): Promise<ReadonlyMap<string, MessageState>> {
  if (ids.length === 0) return new Map();
  const { rows } = await sql<{ id: string; state: MessageState }>`
    select id, state from message
    where id = any (${ids}::uuid[])`.execute(tx);
  return new Map(rows.map(({ id, state }) => [id, state]));
}
