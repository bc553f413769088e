import { ConnectError } from "@connectrpc/connect";
import { hexOf } from "#mesh/ids.ts";
import { fromMinor } from "#mesh/money.ts";
import type { Billing } from "../context.ts";
import type { Id } from "../domain/account.ts";
import type { Assets } from "../domain/asset.ts";
import type { HoldIds, NewRefund, Purpose, Refunding } from "../domain/hold.ts";
import type { Ledger } from "../domain/ledger.ts";
import type { StoredTransfer, TransferResult } from "../domain/transfer.ts";
import { fail } from "../errors.ts";
import type { Bounds, Turn } from "../writer/work.ts";
import { countOf, decisionOr } from "./hold-plan.ts";
import { checkFields, type OwnPurpose, ownPurposes, purposeOf } from "./own-purpose.ts";
import { readMoney } from "./read-money.ts";

/** Captured money to give back. */
export type Refund = {
  readonly refundId: string;
  readonly holdId: string;
  /** May be left out by a service that has one. */
  readonly purpose?: Purpose;
  readonly asset: string;
  /** In major units. */
  readonly amount: string;
  /** Of a merchant's withdrawal: the bank account that the money came back to. */
  readonly bank?: string;
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
 * Gives captured money back to the owner of the hold, once a refund id (FLOW-5, FLOW-12); each
 * refund stands or falls for itself. All refunds of a hold together never exceed what was captured,
 * and there are none of a capture that was reverted. A refusal burns no id, so that a refund that
 * overtook its capture can come again.
 */
export async function refundHolds(
  { writer, assets }: Billing,
  { service, refunds }: { readonly service: string; readonly refunds: readonly Refund[] },
  bounds: Bounds,
): Promise<RefundOutcome[]> {
  const caller = { service, own: ownPurposes(service) };
  const plans = refunds.map((refund) => ({
    refundId: refund.refundId,
    plan: decisionOr(() => plan(refund, caller, assets)),
  }));
  const made = plans.flatMap(({ plan: one }) => (one instanceof ConnectError ? [] : [one]));
  return writer.submit({
    ...bounds,
    eventCount: countOf(made.map(({ ids }) => ids.length)),
    ids: made.flatMap(({ ids, hold, captures }) =>
      [...ids, ...captures].map((id) => ({ id, pendingId: hold.reserve })),
    ),
    decide: (turn) =>
      plans.map(({ refundId, plan: one }) => {
        if (one instanceof ConnectError) return { refundId, error: one };
        const given = decisionOr(() => giveBack(turn, one, assets));
        return given instanceof ConnectError ? { refundId, error: given } : given;
      }),
  });
}

type Plan = {
  readonly refund: NewRefund;
  readonly flow: Refunding;
  /** The transfers of the refund. */
  readonly ids: readonly Id[];
  readonly hold: HoldIds;
  readonly captures: readonly Id[];
};

type Caller = { readonly service: string; readonly own: readonly OwnPurpose[] };

function plan(wanted: Refund, { service, own }: Caller, assets: Assets): Plan {
  const { refundId, holdId, amount, bank = "", reference } = wanted;
  const refundable = own.filter(({ flow }) => flow.refund !== undefined);
  const values = { hold_id: holdId };
  if (refundable.length === 0) throw fail("HOLD_NOT_REFUNDABLE", values);
  const one = purposeOf(wanted, { service, own: wanted.purpose ? own : refundable });
  const flow = one.flow.refund;
  if (flow === undefined) throw fail("HOLD_NOT_REFUNDABLE", values);
  checkFields(flow.fields, { bank: bank !== "" }, { ...values, purpose: one.purpose });
  const money = readMoney(assets, wanted);
  if (money.amountMinor === 0n) throw fail("INVALID_AMOUNT", { amount });
  const hold = one.flow.ids(holdId, 0);
  const refund = { refundId, holdId, ...money, bank, reference };
  return { refund, flow, ids: flow.ids(refundId), hold, captures: flow.captures(hold) };
}

/** One after the other, since each counts against what the ones before have left. */
function giveBack({ ledger, atUs }: Turn, one: Plan, assets: Assets): RefundOutcome {
  const { refund, flow } = one;
  const { refundId, amountMinor } = refund;
  const captures = findCaptures(ledger, one);
  const chain = flow.make(ledger, refund, { captures, assets });
  ledger.createAccounts(chain.accounts, atUs);
  const results = ledger.createTransfers(chain.events, atUs);
  const refused = results.find(({ status, transfer }) => !transfer && status !== LINK_FAILED);
  if (refused !== undefined) throw refusalOf(refused, refundId);
  const { status, transfer } = results[0]!;
  if (status === "created") {
    for (const capture of captures) capture.refunded = (capture.refunded ?? 0n) + amountMinor;
  }
  return { refundId, refunded: { ledger: transfer!.ledger, amountMinor: transfer!.amount } };
}

const LINK_FAILED = "linked_event_failed";

/** Throws why there is nothing to give back; of a refund that was made the ledger compares. */
function findCaptures(ledger: Ledger, one: Plan): StoredTransfer[] {
  const { refund, flow, ids, hold } = one;
  const { refundId, holdId, asset, amountMinor } = refund;
  const made = ledger.transfer(ids[0]!);
  const isSame = made?.userData === hexOf(holdId) && made.ledger === asset.ledger;
  if (made !== undefined && !isSame) throw fail("REFUND_ID_REUSED", { refund_id: refundId });
  const values = { hold_id: holdId };
  const reserve = ledger.transfer(hold.reserve);
  if (reserve === undefined) throw fail("HOLD_NOT_FOUND", values);
  const captures = one.captures.flatMap((id) => ledger.transfer(id) ?? []);
  if (made !== undefined) return captures;
  if (reserve.ledger !== asset.ledger) {
    throw fail("ASSET_NOT_ACCEPTED", { ...values, asset: asset.code });
  }
  if (captures[0]?.pendingAtUs !== reserve.atUs) throw fail("HOLD_NOT_CAPTURED", values);
  const leftMinor = leftOf(captures);
  if (amountMinor > leftMinor) {
    const amount = fromMinor(amountMinor, asset.scale);
    throw fail("REFUND_EXCEEDED", { ...values, amount, left: fromMinor(leftMinor, asset.scale) });
  }
  flow.check?.(ledger, refund, captures);
  return captures;
}

/** What is left to refund: nothing of a capture that was reverted, which gave it back (EXT-3). */
function leftOf(captures: readonly StoredTransfer[]): bigint {
  if (captures.some(({ revertedAtUs }) => revertedAtUs !== undefined)) return 0n;
  const { amount, refunded = 0n } = captures[0]!;
  return amount - refunded;
}

function refusalOf({ status, failedWith }: TransferResult, refundId: string): ConnectError {
  const isOther = status.startsWith("exists_with_different_");
  if (isOther) return fail("REFUND_ID_REUSED", { refund_id: refundId });
  return fail("LEDGER_REFUSED", { status: failedWith ?? status });
}
