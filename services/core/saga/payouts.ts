import { Code, ConnectError } from "@connectrpc/connect";
import type { PayoutResult } from "#gen/mizan/settlement/v1/payout_service_pb.ts";
import { newId } from "#mesh/ids.ts";
import { PEER_CALL_MS } from "#mesh/limits.ts";
import type { Withdrawing } from "../context.ts";
import { toMoney } from "../domain/credit-money.ts";
import { heard, held, nextStep, type Withdrawal } from "../domain/withdrawal.ts";
import { creditAccountId } from "../domain/withdrawal-ids.ts";
import { type Asked, inHalves } from "./in-halves.ts";
import { insist } from "./insist.ts";
import { toNews } from "./payout-news.ts";
import { reportTrouble } from "./trouble.ts";

/**
 * Has settlement pay withdrawals that are held, or asks it again what became of them: the ids make
 * it the same payouts. Those that it does not answer for in time stay as they are (PAY-5).
 */
export async function pay(
  saga: Withdrawing,
  rows: readonly Withdrawal[],
  endMs: number,
): Promise<Withdrawal[]> {
  const results = await inHalves(rows, async (some) => {
    const payouts = some.map(toPayout);
    const ask = async (timeoutMs: number) =>
      saga.payouts.createPayouts({ requestId: newId(), payouts }, { timeoutMs });
    return (await insist(ask, endMs)).results;
  });
  return rows.map((row, at) => afterPay(saga, row, results[at]!));
}

function toPayout({ id, merchantId, amount, bankAccount }: Withdrawal) {
  const accountId = creditAccountId(merchantId);
  return { payoutId: id, merchantId, accountId, amount: toMoney(amount), bankAccount };
}

function afterPay(saga: Withdrawing, row: Withdrawal, result: Asked<PayoutResult>): Withdrawal {
  if (result instanceof Error) reportTrouble(saga, row, "PAY", result);
  else if (result.payout !== undefined) return heard(row, toNews(result.payout));
  else if (result.error?.reason === "INVALID_AMOUNT") return neverTaken(row, "INVALID_AMOUNT");
  else reportTrouble(saga, row, "PAY", result.error?.reason ?? "NO_PAYOUT");
  return row;
}

/** Settlement takes no such payout, now or ever, so that nobody was or will be paid. */
function neverTaken(row: Withdrawal, reason: string): Withdrawal {
  const nothing = { id: row.id, provider: "", bankReference: "", attempts: [] };
  return heard(row, { ...nothing, state: "FAILED", reason, version: row.payoutVersion + 1 });
}

/**
 * Asks what became of the payout of a withdrawal whose hold has ended already, as it is after a
 * crash before that was written down. It is only asked for and never made, since nothing is held.
 */
export async function recallPayout(saga: Withdrawing, row: Withdrawal): Promise<Withdrawal> {
  try {
    const asked = { payoutId: row.id };
    const { payout } = await saga.payouts.getPayout(asked, { timeoutMs: PEER_CALL_MS });
    const next = heard(held(row), toNews(payout!));
    const isEnd = nextStep(next) === "CAPTURE" || nextStep(next) === "RELEASE";
    if (isEnd) return next;
    reportTrouble(saga, row, "HOLD", "HOLD_ENDED_TOO_EARLY");
  } catch (error) {
    const isUnknown = error instanceof ConnectError && error.code === Code.NotFound;
    reportTrouble(saga, row, "HOLD", isUnknown ? "HOLD_ENDED_WITHOUT_PAYOUT" : (error as Error));
  }
  return row;
}
