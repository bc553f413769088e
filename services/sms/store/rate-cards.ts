import { sql } from "kysely";
import type { Database } from "#mesh/database/connect.ts";
import type { Tables } from "./tables.ts";

/** A version of the rate card as it is stored. */
export type StoredRateCard = { readonly version: number; readonly rates: unknown };

/** The rate card that is valid now: the one whose time came last. */
export async function findRateCard(db: Database<Tables>): Promise<StoredRateCard> {
  const { rows } = await sql<StoredRateCard>`
    select version, rates from rate_card
    where valid_from <= now() order by valid_from desc, version desc limit 1`.execute(db.sql);
  const [card] = rows;
  if (card === undefined) throw new Error("there is no rate card that is valid now");
  return card;
}
