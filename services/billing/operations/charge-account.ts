import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import type { Billing } from "../context.ts";
import { findMoney } from "../domain/asset.ts";
import { inOrdersAccount } from "../domain/chart.ts";
import { movementOf } from "../domain/movement.ts";
import { balanceOf, type Entry } from "../domain/wallet.ts";
import { fail } from "../errors.ts";
import { positiveAmount } from "./amount-by-hand.ts";
import { type Answer, moveByHand } from "./move-by-hand.ts";

/** Money to put on the account of a user. */
export type Charge = {
  readonly userId: string;
  readonly asset: string;
  /** In major units. */
  readonly amount: string;
  readonly reference: string;
};

/**
 * Puts money on the account of a user, from the world outside, once a key (FLOW-1). An account of
 * another asset is opened on first use (ACC-9). Throws USER_NOT_FOUND for an unknown owner,
 * UNKNOWN_ASSET, INVALID_AMOUNT for what is not more than zero, AMOUNT_TOO_LARGE, and above the
 * limit of the asset REASON_REQUIRED or APPROVAL_REQUIRED.
 */
export async function chargeAccount<S extends DescMessage>(
  billing: Billing,
  { userId, asset: code, amount, reference }: Charge,
  { toMessage, ...answer }: Answer<S, Entry>,
): Promise<MessageShape<S>> {
  const asset = findMoney(billing.assets, code);
  if (asset === undefined) throw fail("UNKNOWN_ASSET", { asset: code });
  const movement = movementOf(answer.call, {
    ledger: asset.ledger,
    amount: positiveAmount(amount, asset),
    beneficiary: userId,
    bank: "",
    reference,
  });
  return moveByHand(
    billing,
    { movement, asset },
    {
      ...answer,
      toMessage: ({ transfer, credit, turn }) => {
        const inOrders = turn.ledger.account(inOrdersAccount(userId, asset).id);
        const { id, atUs } = transfer;
        return toMessage({
          id,
          type: "charge",
          side: "credit",
          amountMinor: transfer.amount,
          balance: balanceOf(asset.ledger, credit, inOrders),
          reference: transfer.reference ?? "",
          atUs,
        });
      },
    },
  );
}
