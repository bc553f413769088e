import type { ConnectError } from "@connectrpc/connect";
import { isDecision } from "#mesh/errors.ts";
import { hexOf, ZERO_ID } from "#mesh/ids.ts";
import { toMinor } from "#mesh/money.ts";
import type { Billing } from "../context.ts";
import type { Asset } from "../domain/asset.ts";
import { availableAccount } from "../domain/chart.ts";
import { type HoldIds, holdIds, type Purpose } from "../domain/hold.ts";
import { openAvailable } from "../domain/owner.ts";
import { type NewTransfer, TransferFlags } from "../domain/transfer.ts";
import { fail } from "../errors.ts";
import type { Bounds, Turn } from "../writer/work.ts";
import {
  type HoldOutcome,
  holdOutcome,
  holdRefusal,
  refusedHold,
  type Refusals,
} from "./hold-outcome.ts";
import { ownPurpose } from "./own-purpose.ts";

/** Money to reserve. */
export type Hold = {
  readonly holdId: string;
  readonly ownerId: string;
  readonly asset: string;
  /** In major units. */
  readonly amount: string;
  readonly reference: string;
  /** When the hold ends by itself, in microseconds since 1970. */
  readonly expiresAtUs?: number;
};

/**
 * Reserves money for the purpose of a service (FLOW-2); each hold stands or falls for itself. A
 * hold that comes again has the outcome of its first time, and the state of now.
 */
export async function createHolds(
  { writer, assets }: Billing,
  { service, holds }: { readonly service: string; readonly holds: readonly Hold[] },
  bounds: Bounds,
): Promise<HoldOutcome[]> {
  const purpose = ownPurpose(service);
  const asset = assets.byCode(purpose.asset)!;
  const plans = holds.map((hold) => plan(hold, purpose, asset));
  return writer.submit({
    ...bounds,
    eventCount: holds.length,
    ids: plans.map(({ ids }) => ({ id: ids.reserve, pendingId: ids.capture })),
    decide: (turn) => decide(turn, plans, asset),
  });
}

type Plan = {
  readonly hold: Hold;
  readonly ids: HoldIds;
  /** What to do, or why there is nothing to do. */
  readonly step: NewTransfer | ConnectError;
};

function plan(hold: Hold, purpose: Purpose, asset: Asset): Plan {
  const ids = holdIds(purpose, hold.holdId);
  try {
    return { hold, ids, step: toEvent(hold, ids, { purpose, asset }) };
  } catch (error) {
    if (isDecision(error)) return { hold, ids, step: error };
    throw error;
  }
}

type Terms = { readonly purpose: Purpose; readonly asset: Asset };

function toEvent(hold: Hold, { reserve }: HoldIds, { purpose, asset }: Terms): NewTransfer {
  const { holdId, ownerId, amount, reference, expiresAtUs } = hold;
  if (hold.asset !== asset.code) {
    throw fail("ASSET_NOT_ACCEPTED", { hold_id: holdId, asset: asset.code });
  }
  const amountMinor = toMinor(amount, asset.scale);
  if (amountMinor === 0n) throw fail("INVALID_AMOUNT", { amount });
  return {
    id: reserve,
    debitAccountId: availableAccount(ownerId, asset).id,
    creditAccountId: purpose.payee(asset).id,
    amount: amountMinor,
    pendingId: ZERO_ID,
    timeoutSeconds: 0,
    ledger: asset.ledger,
    code: purpose.code,
    flags: TransferFlags.PENDING,
    userData: hexOf(holdId),
    reference,
    ...(expiresAtUs !== undefined && { expiresAtUs }),
  };
}

function decide(turn: Turn, all: readonly Plan[], asset: Asset): HoldOutcome[] {
  const { ledger, atUs } = turn;
  const plans = all.map((one) => ({ ...one, step: findOver(turn, one) ?? one.step }));
  const events = plans.flatMap(({ step }) => (step instanceof Error ? [] : [step]));
  for (const { hold, step } of plans) {
    if (!(step instanceof Error)) openAvailable(ledger, { ownerId: hold.ownerId, asset, atUs });
  }
  const results = ledger.createTransfers(events, atUs).values();
  return plans.map(({ hold: { holdId, ownerId }, ids, step }) => {
    if (step instanceof Error) return refusedHold(holdId, step);
    const values = { hold_id: holdId, owner_id: ownerId };
    const error = holdRefusal(results.next().value!, refusals, values);
    return error ? refusedHold(holdId, error) : holdOutcome(ledger, { holdId, ids }, undefined);
  });
}

/** A hold that ends before it begins is a mistake; one that comes again may have ended since. */
function findOver({ ledger, atUs }: Turn, { hold, ids }: Plan): ConnectError | undefined {
  const { holdId, expiresAtUs = Infinity } = hold;
  if (expiresAtUs > atUs || ledger.isUsed(ids.reserve)) return undefined;
  return fail("EXPIRE_TIME_OUT_OF_RANGE", { hold_id: holdId });
}

const refusals: Refusals = {
  debit_account_not_found: "OWNER_NOT_FOUND",
  pending_transfer_not_found: "HOLD_ALREADY_RELEASED", // before it was made
  exceeds_credits: "INSUFFICIENT_FUNDS",
  overflows_timeout: "EXPIRE_TIME_OUT_OF_RANGE",
};
