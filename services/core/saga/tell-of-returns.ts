import type { Withdrawing } from "../context.ts";
import { toMoney } from "../domain/credit-money.ts";
import { type News, toEach } from "../domain/notification.ts";
import type { Withdrawal } from "../domain/withdrawal.ts";
import { tell } from "../events.ts";
import { listAdministrators } from "../store/administrators.ts";

/** A payout that came back, and why the ledger does not give it back. */
export type WaitingReturn = { readonly row: Withdrawal; readonly reason: string };

/**
 * Tells administrators, each once, of money that came back and that the ledger does not give back for
 * now. Whoever can't be told is told when that is tried again, as it always is.
 */
export async function tellOfReturns(
  { db, log }: Pick<Withdrawing, "db" | "log">,
  returns: readonly WaitingReturn[],
): Promise<void> {
  if (returns.length === 0) return;
  try {
    const people = await listAdministrators(db.sql);
    const notifications = returns.flatMap((one) => toEach(people, toNews(one)));
    await tell(db.sql, notifications);
  } catch (error) {
    log.warn({ err: error }, "administrators can't be told of returns yet");
  }
}

function toNews({ row, reason }: WaitingReturn): News {
  const { id, merchantId, provider } = row;
  const { amount, asset } = toMoney(row.amount);
  const detail =
    reason === "REPAYMENT_EXCEEDED"
      ? `${amount} ${asset} came back, which the merchant ${merchantId} has repaid already.`
      : `${amount} ${asset} came back, and the ledger does not take that: ${reason}.`;
  return {
    cause: `return/${id}/${reason}`,
    type: "PAYOUT_ALARM",
    values: { kind: "RETURN_WAITS", payout_id: id, provider, detail, subject: `Payout ${id}` },
    createdAtMs: Date.now(),
  };
}
