import { sql } from "kysely";
import type { Database } from "#mesh/database/connect.ts";
import { hexOf } from "#mesh/ids.ts";
import type { Id } from "../domain/account.ts";
import type { Tables } from "./tables.ts";

/** An owner's two accounts of an asset, by their places; null for one that is not there. */
export type OwnSlots = {
  readonly ownerId: string;
  readonly available: number | null;
  readonly inOrders: number | null;
  /** When the first of them was opened, in microseconds since 1970: nothing is older. */
  readonly sinceUs: number;
};

/** An owner's two accounts of an asset, by their ids. */
export type Own = {
  readonly ownerId: string;
  readonly ledger: number;
  readonly available: Id;
  readonly inOrders: Id;
};

/** Finds the accounts that are committed and that owner's (S7); undefined when there is none. */
export async function findOwnSlots(
  { sql: db }: Database<Tables>,
  { ownerId, available, inOrders }: Pick<Own, "ownerId" | "available" | "inOrders">,
): Promise<OwnSlots | undefined> {
  const { rows } = await sql<{ id: string; slot: number; created_at_us: number }>`
    select id, slot, created_at_us from account
      where id in (${available}, ${inOrders}) and user_data = ${ownerId}`.execute(db);
  if (rows.length === 0) return undefined;
  const slotOf = (id: Id) => rows.find((row) => hexOf(row.id) === id)?.slot ?? null;
  return {
    ownerId,
    available: slotOf(available),
    inOrders: slotOf(inOrders),
    sinceUs: Math.min(...rows.map((row) => row.created_at_us)),
  };
}
