import type { ConnectError } from "@connectrpc/connect";
import { hexOf, ZERO_ID } from "#mesh/ids.ts";
import { fromMinor } from "#mesh/money.ts";
import type { Billing } from "../context.ts";
import type { Id } from "../domain/account.ts";
import type { Assets } from "../domain/asset.ts";
import { TransferCodes } from "../domain/chart.ts";
import { refundTransferId, sms } from "../domain/flows/sms.ts";
import type { HoldIds, Money } from "../domain/hold.ts";
import type { Ledger } from "../domain/ledger.ts";
import type { NewTransfer, StoredTransfer, TransferResult } from "../domain/transfer.ts";
import { fail } from "../errors.ts";
import type { Bounds, Turn } from "../writer/work.ts";
import { decisionOr } from "./hold-plan.ts";
import { ownPurposes } from "./own-purpose.ts";
import { readMoney } from "./read-money.ts";

/** Captured money to give back. */
export type Refund = {
  readonly refundId: string;
  readonly holdId: string;
  readonly asset: string;
  /** In major units. */
  readonly amount: string;
  readonly reference: string;
};

/** What became of one refund of a batch. */
export type RefundOutcome = {
  readonly refundId: string;
  /** Why nothing was given back; absent when it was, now or the first time. */
  readonly error?: ConnectError;
  /** What was given back; absent when the refund was refused. */
  readonly refunded?: { readonly ledger: number; readonly amountMinor: bigint };
};

/**
 * Gives captured money back to the owner of the hold, once a refund id (FLOW-5); each refund stands
 * or falls for itself. All refunds of a hold together never exceed what was captured, and there are
 * none of a capture that was reverted. A refusal burns no id, so that a refund that overtook its
 * capture can come again.
 */
export async function refundHolds(
  { writer, assets }: Billing,
  { service, refunds }: { readonly service: string; readonly refunds: readonly Refund[] },
  bounds: Bounds,
): Promise<RefundOutcome[]> {
  const isSms = ownPurposes(service).some(({ flow }) => flow === sms);
  const plans = refunds.map((refund) => plan(refund, isSms, assets));
  return writer.submit({
    ...bounds,
    eventCount: plans.length,
    ids: plans.flatMap(({ id, hold: { reserve, capture } }) => [
      { id, pendingId: reserve },
      { id: capture, pendingId: ZERO_ID },
    ]),
    decide: (turn) => plans.map((one) => giveBack(turn, one)),
  });
}

type Plan = {
  readonly refund: Refund;
  /** The transfer of the refund. */
  readonly id: Id;
  readonly hold: HoldIds;
  /** How much to give back, or why there is nothing to do. */
  readonly money: Money | ConnectError;
};

/** Only messages are refunded: all else that was captured has left the house, or is paid back. */
function plan(refund: Refund, isSms: boolean, assets: Assets): Plan {
  const { refundId, holdId, amount } = refund;
  const money = decisionOr(() => {
    if (!isSms) throw fail("HOLD_NOT_REFUNDABLE", { hold_id: holdId });
    const read = readMoney(assets, refund);
    if (read.amountMinor === 0n) throw fail("INVALID_AMOUNT", { amount });
    return read;
  });
  return { refund, id: refundTransferId(refundId), hold: sms.ids(holdId, 0), money };
}

/** One after the other, since each counts against what the ones before have left. */
function giveBack({ ledger, atUs }: Turn, one: Plan): RefundOutcome {
  const { refund, money, hold } = one;
  const { refundId } = refund;
  if (money instanceof Error) return { refundId, error: money };
  const reserve = ledger.transfer(hold.reserve);
  const capture = ledger.transfer(hold.capture);
  const refusal = findRefusal(ledger.transfer(one.id), { reserve, capture }, refund, money);
  if (refusal !== undefined) return { refundId, error: refusal };
  const [result] = ledger.createTransfers([toEvent(one, money, reserve!, ledger)], atUs);
  const { status, transfer } = result!;
  if (transfer === undefined) return { refundId, error: refusalOf(result!, refundId) };
  if (status === "created") capture!.refunded = (capture!.refunded ?? 0n) + money.amountMinor;
  return { refundId, refunded: { ledger: transfer.ledger, amountMinor: transfer.amount } };
}

type Transfers = Partial<Record<"reserve" | "capture", StoredTransfer | undefined>>;

/** Why there is nothing to give back; of a refund that was made already the ledger compares. */
function findRefusal(
  made: StoredTransfer | undefined,
  { reserve, capture }: Transfers,
  { refundId, holdId, amount }: Refund,
  { asset, amountMinor }: Money,
): ConnectError | undefined {
  const values = { hold_id: holdId };
  if (made !== undefined && made.userData !== hexOf(holdId)) {
    return fail("REFUND_ID_REUSED", { refund_id: refundId });
  }
  if (reserve === undefined) return fail("HOLD_NOT_FOUND", values);
  if (made !== undefined) return undefined;
  if (reserve.ledger !== asset.ledger) {
    return fail("ASSET_NOT_ACCEPTED", { ...values, asset: asset.code });
  }
  if (capture?.pendingAtUs !== reserve.atUs) return fail("HOLD_NOT_CAPTURED", values);
  const leftMinor = leftOf(capture);
  if (amountMinor <= leftMinor) return undefined;
  return fail("REFUND_EXCEEDED", { ...values, amount, left: fromMinor(leftMinor, asset.scale) });
}

/** What is left to refund: nothing of a capture that was reverted, which gave it back (EXT-3). */
function leftOf({ amount, refunded = 0n, revertedAtUs }: StoredTransfer): bigint {
  return revertedAtUs === undefined ? amount - refunded : 0n;
}

/** The hold backwards: from who got the money to who gave it. */
function toEvent(
  { refund, id }: Plan,
  { asset, amountMinor }: Money,
  { debitSlot, creditSlot }: StoredTransfer,
  ledger: Ledger,
): NewTransfer {
  return {
    id,
    debitAccountId: ledger.bySlot(creditSlot)!.id,
    creditAccountId: ledger.bySlot(debitSlot)!.id,
    amount: amountMinor,
    pendingId: ZERO_ID,
    timeoutSeconds: 0,
    ledger: asset.ledger,
    code: TransferCodes.SMS_REFUND,
    flags: 0,
    userData: hexOf(refund.holdId),
    reference: refund.reference,
  };
}

function refusalOf({ status, failedWith }: TransferResult, refundId: string): ConnectError {
  const isOther = status.startsWith("exists_with_different_");
  if (isOther) return fail("REFUND_ID_REUSED", { refund_id: refundId });
  return fail("LEDGER_REFUSED", { status: failedWith ?? status });
}
