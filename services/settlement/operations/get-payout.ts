import type { Settlement } from "../context.ts";
import type { Payout } from "../domain/payout.ts";
import { fail } from "../errors.ts";
import { findPayouts } from "../store/read-payouts.ts";

/** A payout as it is now. Throws PAYOUT_NOT_FOUND. */
export async function getPayout({ db }: Pick<Settlement, "db">, id: string): Promise<Payout> {
  const [found] = await findPayouts(db.sql, [id]);
  if (found === undefined) throw fail("PAYOUT_NOT_FOUND", { payout_id: id });
  return found;
}
