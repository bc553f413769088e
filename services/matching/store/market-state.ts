import { sql } from "kysely";
import type { MarketState } from "../domain/command.ts";
import type { Queries } from "./tables.ts";

/** A market that is in another state now, or in the same for another reason. */
export type StateChange = {
  readonly symbol: string;
  readonly state: MarketState;
  /** Why, such as PRICE_BAND; empty when an administrator has said so. */
  readonly reason: string;
};

/** Notes the state of a market; tells when, in milliseconds since 1970, or undefined for no change. */
export async function saveMarketState(
  db: Queries,
  { symbol, state, reason }: StateChange,
): Promise<number | undefined> {
  const { rows } = await sql<{ updatedMs: number }>`
    update market set state = ${state}, reason = ${reason}, updated_ms = engine_now_us() / 1000
    where symbol = ${symbol} and (state <> ${state} or reason <> ${reason})
    returning updated_ms as "updatedMs"`.execute(db);
  return rows[0]?.updatedMs;
}
