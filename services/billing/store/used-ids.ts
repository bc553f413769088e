import type { Connection } from "#mesh/database/connection.ts";
import type { Id } from "../domain/account.ts";

/** A part of the ids that are used, 16 bytes each, and where the next part begins. */
export type IdChunk<P> = { readonly ids: Uint8Array; readonly last: P | undefined };

/** Reads the ids of transfers after a time, so many at most; `last` is absent when there are none. */
export async function readTransferIds(
  connection: Connection,
  afterUs: number,
  limit: number,
): Promise<IdChunk<number>> {
  const [row] = await connection.query<{ ids: Uint8Array | null; last: number | null }>(
    `select string_agg(uuid_send(id), '' order by at_us) as ids, max(at_us) as last
      from (select id, at_us from transfer where at_us > $1 order by at_us limit $2) chunk`,
    [afterUs, limit],
  );
  return { ids: row!.ids ?? new Uint8Array(), last: row!.last ?? undefined };
}

/** Reads the burned ids after an id, so many at most; `last` is absent when there are none. */
export async function readFailedIds(
  connection: Connection,
  afterId: Id,
  limit: number,
): Promise<IdChunk<Id>> {
  const [row] = await connection.query<{ ids: Buffer | null }>(
    `select string_agg(uuid_send(id), '' order by id) as ids
      from (select id from transfer_failed where id > $1 order by id limit $2) chunk`,
    [afterId, limit],
  );
  const ids = row!.ids ?? new Uint8Array();
  return { ids, last: ids.length === 0 ? undefined : ids.subarray(-16).toHex() };
}
