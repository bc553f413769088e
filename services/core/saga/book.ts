import { Hold_Purpose, type HoldResult, type RefundResult } from "#gen/mizan/billing/v1/hold_pb.ts";
import { newId } from "#mesh/ids.ts";
import type { Withdrawing } from "../context.ts";
import { toMoney } from "../domain/credit-money.ts";
import { booked, nextStep, type Step, type Withdrawal } from "../domain/withdrawal.ts";
import { refundIdOf } from "../domain/withdrawal-ids.ts";
import { type Asked, inHalves } from "./in-halves.ts";
import { insist } from "./insist.ts";
import { tellOfReturns, type WaitingReturn } from "./tell-of-returns.ts";
import { reportTrouble } from "./trouble.ts";

/**
 * Has the ledger take what was paid, free what was not, and give back what has come back (FLOW-10,
 * FLOW-11, FLOW-12). The same again changes nothing. Withdrawals for which the ledger does not
 * answer in time, or that need nothing of it, stay as they are.
 */
export async function book(
  saga: Withdrawing,
  rows: readonly Withdrawal[],
  endMs: number,
): Promise<Withdrawal[]> {
  const kinds = ["CAPTURE", "RELEASE", "REFUND"] as const;
  const done = await Promise.all(
    kinds.map(async (step) => {
      const some = rows.filter((row) => nextStep(row) === step);
      return bookAll(saga, step, some, endMs);
    }),
  );
  const changed = new Map(done.flat().map((row) => [row.id, row]));
  return rows.map((row) => changed.get(row.id) ?? row);
}

type Booking = Extract<Step, "CAPTURE" | "RELEASE" | "REFUND">;

async function bookAll(
  saga: Withdrawing,
  step: Booking,
  rows: readonly Withdrawal[],
  endMs: number,
): Promise<Withdrawal[]> {
  const results = await inHalves<Withdrawal, HoldResult | RefundResult>(rows, async (some) => {
    const ask = async (timeoutMs: number) => calls[step](saga, some, { timeoutMs });
    return (await insist(ask, endMs)).results;
  });
  if (step === "REFUND") await tellOfReturns(saga, refusedReturns(rows, results));
  return rows.map((row, at) => afterBooking(saga, row, step, results[at]!));
}

function refusedReturns(
  rows: readonly Withdrawal[],
  results: readonly Asked<HoldResult | RefundResult>[],
): WaitingReturn[] {
  return rows.flatMap((row, at) => {
    const result = results[at]!;
    const reason = result instanceof Error ? undefined : result.error?.reason;
    return reason === undefined ? [] : [{ row, reason }];
  });
}

type Bounds = { readonly timeoutMs: number };
type Results = { readonly results: (HoldResult | RefundResult)[] };
type Call = (saga: Withdrawing, rows: readonly Withdrawal[], bounds: Bounds) => Promise<Results>;

const purpose = Hold_Purpose.MERCHANT_WITHDRAWAL;

const calls: Readonly<Record<Booking, Call>> = {
  CAPTURE: async ({ holds, terms }, rows, bounds) => {
    const captures = rows.map(({ id, provider }) => {
      // A line of the bank's statement books the rest where there will be one.
      const bank = terms.withoutStatements.includes(provider) ? provider : "";
      return { holdId: id, purpose, bank };
    });
    return holds.captureHolds({ requestId: newId(), captures }, bounds);
  },
  RELEASE: async ({ holds }, rows, bounds) => {
    const releases = rows.map(({ id }) => ({ holdId: id, purpose }));
    return holds.releaseHolds({ requestId: newId(), releases }, bounds);
  },
  REFUND: async ({ holds }, rows, bounds) => {
    const refunds = rows.map(({ id, amount, provider: bank }) => ({
      refundId: refundIdOf(id),
      holdId: id,
      amount: toMoney(amount),
      reference: `return of withdrawal ${id}`,
      purpose,
      bank,
    }));
    return holds.refundHolds({ requestId: newId(), refunds }, bounds);
  },
};

function afterBooking(
  saga: Withdrawing,
  row: Withdrawal,
  step: Booking,
  result: Asked<HoldResult | RefundResult>,
): Withdrawal {
  if (result instanceof Error) {
    reportTrouble(saga, row, step, result);
    return row;
  }
  const reason = result.error?.reason;
  if (reason === undefined || reason === harmless[step]) return booked(row);
  reportTrouble(saga, row, step, reason);
  return row;
}

/** What says that it was done before, though with other words. */
const harmless: Readonly<Record<Booking, string | undefined>> = {
  CAPTURE: "HOLD_ALREADY_CAPTURED",
  RELEASE: "HOLD_ALREADY_RELEASED",
  REFUND: undefined,
};
