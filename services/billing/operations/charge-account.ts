import type { DescMessage, MessageInitShape, MessageShape } from "@bufbuild/protobuf";
import type { IdempotentCall } from "#mesh/idempotent-call.ts";
import { derivedId, ZERO_ID } from "#mesh/ids.ts";
import { MAX_CHARGE_UNITS } from "#mesh/limits.ts";
import { toMinor } from "#mesh/money.ts";
import type { Billing } from "../context.ts";
import type { Asset } from "../domain/asset.ts";
import { availableAccount, TransferCodes, worldAccount } from "../domain/chart.ts";
import type { NewTransfer, StoredTransfer } from "../domain/transfer.ts";
import { openAvailable } from "../domain/owner.ts";
import { type Balance, balanceOf, type Entry } from "../domain/wallet.ts";
import { fail } from "../errors.ts";
import { once } from "../writer/once.ts";
import type { Bounds, Turn } from "../writer/work.ts";

/** Money to put on the account of a user. */
export type Charge = {
  readonly userId: string;
  readonly asset: string;
  /** In major units. */
  readonly amount: string;
  readonly reference: string;
};

/** The call that charges, and the answer that is kept for it. */
export type Answer<S extends DescMessage> = Bounds & {
  readonly call: IdempotentCall;
  readonly schema: S;
  readonly toMessage: (entry: Entry) => MessageInitShape<S>;
};

/**
 * Puts money on the account of a user, from the world outside, once a key (FLOW-1). An account of
 * another asset is opened on first use (ACC-9). Throws USER_NOT_FOUND for an unknown owner,
 * UNKNOWN_ASSET, INVALID_AMOUNT for what is not more than zero, and AMOUNT_TOO_LARGE.
 */
export async function chargeAccount<S extends DescMessage>(
  { writer, assets }: Billing,
  charge: Charge,
  { call, schema, toMessage, ...bounds }: Answer<S>,
): Promise<MessageShape<S>> {
  const asset = assets.byCode(charge.asset);
  if (asset === undefined) throw fail("UNKNOWN_ASSET", { asset: charge.asset });
  const event = toEvent(charge, asset, call);
  checkAmount(event, charge, asset);
  const effect = (turn: Turn) => toMessage(post(turn, event, charge, asset));
  return writer.submit({ ...bounds, eventCount: 1, ids: [event], ...once(schema, call, effect) });
}

/** A slip of the finger must not fill an account, which takes no more at 2^128. */
function checkAmount({ amount: minor }: NewTransfer, { amount }: Charge, asset: Asset): void {
  if (minor === 0n) throw fail("INVALID_AMOUNT", { amount });
  if (minor > MAX_CHARGE_UNITS * 10n ** BigInt(asset.scale)) {
    throw fail("AMOUNT_TOO_LARGE", { amount, most: MAX_CHARGE_UNITS });
  }
}

function toEvent(charge: Charge, asset: Asset, call: IdempotentCall): NewTransfer {
  const { principal, method, key } = call;
  const chargeId = derivedId(`charge/${principal}/${method}/${key}`);
  return {
    id: derivedId(`transfer/charge/${chargeId}/1`),
    debitAccountId: worldAccount(asset).id,
    creditAccountId: availableAccount(charge.userId, asset).id,
    amount: toMinor(charge.amount, asset.scale),
    pendingId: ZERO_ID,
    timeoutSeconds: 0,
    ledger: asset.ledger,
    code: TransferCodes.CHARGE,
    flags: 0,
    userData: chargeId,
    reference: charge.reference,
  };
}

function post(turn: Turn, event: NewTransfer, { userId }: Charge, asset: Asset): Entry {
  const { ledger, atUs } = turn;
  if (!openAvailable(ledger, { ownerId: userId, asset, atUs })) {
    throw fail("USER_NOT_FOUND", { user_id: userId });
  }
  const [result] = ledger.createTransfers([event], atUs);
  const { status, transfer, credit } = result!;
  if (transfer === undefined) throw fail("LEDGER_REFUSED", { status });
  const counters = credit ?? ledger.account(event.creditAccountId)!; // of a retry years later: now
  return toEntry(transfer, balanceOf(asset.ledger, counters));
}

function toEntry({ id, seq, amount, atUs, reference = "" }: StoredTransfer, balance: Balance) {
  const entry = { id, seq, amountMinor: amount, balance, reference, atUs };
  return { ...entry, type: "charge", side: "credit" } as const satisfies Entry;
}
