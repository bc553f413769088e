import { Hold_Purpose, type HoldResult, HoldState } from "#gen/mizan/billing/v1/hold_pb.ts";
import { newId } from "#mesh/ids.ts";
import type { Withdrawing } from "../context.ts";
import { toMoney } from "../domain/credit-money.ts";
import { type HoldRefusal, held, refused, type Withdrawal } from "../domain/withdrawal.ts";
import { type Asked, inHalves } from "./in-halves.ts";
import { insist } from "./insist.ts";
import { recallPayout } from "./payouts.ts";
import { reportTrouble } from "./trouble.ts";

/**
 * Holds credit and pool for withdrawals that are REQUESTED (FLOW-9); each stands or falls for
 * itself. Asks again until it is known how that ended (O9): the ids make it the same holds. Those of
 * which it is not known in time stay as they are.
 */
export async function hold(
  saga: Withdrawing,
  rows: readonly Withdrawal[],
  endMs: number,
): Promise<Withdrawal[]> {
  const results = await inHalves(rows, async (some) => {
    const holds = some.map(toHold);
    const ask = async (timeoutMs: number) =>
      saga.holds.createHolds({ requestId: newId(), holds }, { timeoutMs });
    return (await insist(ask, endMs)).results;
  });
  return Promise.all(rows.map(async (row, at) => afterHold(saga, row, results[at]!)));
}

function toHold({ id, merchantId, amount, fee }: Withdrawal) {
  return {
    holdId: id,
    ownerId: merchantId,
    purpose: Hold_Purpose.MERCHANT_WITHDRAWAL,
    amount: toMoney(amount),
    ...(fee > 0n && { fee: toMoney(fee) }),
    reference: `withdrawal ${id}`,
  };
}

async function afterHold(
  saga: Withdrawing,
  row: Withdrawal,
  result: Asked<HoldResult>,
): Promise<Withdrawal> {
  if (result instanceof Error) {
    reportTrouble(saga, row, "HOLD", result);
    return row;
  }
  const { error, state } = result;
  const refusal = refusals.get(error?.reason ?? "");
  if (refusal !== undefined) return refused(row, refusal);
  if (error === undefined && state === HoldState.HELD) return held(row);
  const hasEnded = state === HoldState.CAPTURED || state === HoldState.RELEASED;
  if (hasEnded || error?.reason === "HOLD_ALREADY_RELEASED") return recallPayout(saga, row);
  reportTrouble(saga, row, "HOLD", error?.reason ?? `STATE_${state}`);
  return row;
}

/** What the merchant is told for what the ledger says. Who has no account has no credit. */
const refusals: ReadonlyMap<string, HoldRefusal> = new Map([
  ["INSUFFICIENT_CREDIT", "INSUFFICIENT_CREDIT"],
  ["OWNER_NOT_FOUND", "INSUFFICIENT_CREDIT"],
  ["AMOUNT_TOO_LARGE", "INSUFFICIENT_CREDIT"],
  ["POOL_EXHAUSTED", "POOL_EXHAUSTED"],
]);
