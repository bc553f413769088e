import type { Billing } from "../context.ts";
import { type BothBalances, findBalancesAfter } from "../store/balances.ts";
import type { TransferOutcome } from "./create-transfers.ts";

/**
 * Adds to the outcomes that are there already the balances of then, which the first answer had
 * (TRF-7, IDEM-1). Where all was made just now there is nothing to read.
 */
export async function balancesOfThen(
  { db }: Pick<Billing, "db">,
  outcomes: readonly TransferOutcome[],
): Promise<readonly TransferOutcome[]> {
  if (!outcomes.some(({ status }) => status === "exists")) return outcomes;
  const made = new Map(outcomes.flatMap(madeNow));
  const old = outcomes.flatMap(({ status, transfer }) => {
    const isOld = status === "exists" && transfer !== undefined && !made.has(transfer.atUs);
    return isOld ? [transfer] : [];
  });
  const found = old.length === 0 ? undefined : await findBalancesAfter(db, old);
  return outcomes.map((outcome) => {
    const { status, transfer } = outcome;
    if (status !== "exists" || transfer === undefined) return outcome;
    return { ...outcome, ...(made.get(transfer.atUs) ?? found!.get(transfer.atUs)!) };
  });
}

/** A transfer that comes twice in one request is there the second time, in a dry run only there. */
function madeNow({ transfer, debit, credit }: TransferOutcome): [number, BothBalances][] {
  if (transfer === undefined || debit === undefined || credit === undefined) return [];
  return [[transfer.atUs, { debit, credit }]];
}
