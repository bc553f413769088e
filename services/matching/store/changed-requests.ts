import { sql } from "kysely";
import { hexOf, uuidOf } from "#mesh/ids.ts";
import { IDEMPOTENCY_KEPT_DAYS, PRUNE_BATCH_ROWS } from "#mesh/limits.ts";
import type { RequestRow } from "./result-rows.ts";
import type { Queries } from "./tables.ts";

/** What a request has changed. */
export type ChangedRequest = Omit<RequestRow, "id" | "atMs">;

/** What requests have changed, by their ids; those that have changed nothing are absent. */
export async function findChanged(
  db: Queries,
  ids: readonly string[],
): Promise<ReadonlyMap<string, ChangedRequest>> {
  const { rows } = await sql<Row>`
    select id, hash, order_id, ended from changed_request
    where id = any(${ids.map(uuidOf)}::uuid[])`.execute(db);
  return new Map(
    rows.map(({ id, hash, order_id, ended }) => {
      const order = order_id === null ? undefined : hexOf(order_id);
      return [hexOf(id), { hash: Buffer.from(hash).toString("hex"), order, ended }];
    }),
  );
}

type Row = {
  readonly id: string;
  readonly hash: Uint8Array;
  readonly order_id: string | null;
  readonly ended: number;
};

/** Forgets requests that are older than answers are kept, some of them; returns how many. */
export async function pruneChanged(db: Queries): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from changed_request where id in (
      select id from changed_request
      where at_ms < extract(epoch from now()) * 1000 - ${IDEMPOTENCY_KEPT_DAYS * DAY_MS}
      limit ${PRUNE_BATCH_ROWS})`.execute(db);
  return Number(numAffectedRows);
}

const DAY_MS = 86_400_000;
