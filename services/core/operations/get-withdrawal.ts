import type { Withdrawing } from "../context.ts";
import type { Withdrawal } from "../domain/withdrawal.ts";
import { fail } from "../errors.ts";
import { findWithdrawal } from "../store/withdrawals.ts";

/** A withdrawal of a merchant. Throws WITHDRAWAL_NOT_FOUND, also for that of another one. */
export async function getWithdrawal(
  { db }: Pick<Withdrawing, "db">,
  merchantId: string,
  id: string,
): Promise<Withdrawal> {
  const found = await findWithdrawal(db.sql, merchantId, id);
  if (found === undefined) throw fail("WITHDRAWAL_NOT_FOUND", { withdrawal_id: id });
  return found;
}
