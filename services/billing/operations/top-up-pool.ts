import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import type { Billing } from "../context.ts";
import { MAIN } from "../domain/chart.ts";
import { type Pool, poolOf } from "../domain/credit.ts";
import { movementOf, POOL } from "../domain/movement.ts";
import { positiveAmount } from "./amount-by-hand.ts";
import { houseAsset } from "./house-asset.ts";
import { type Answer, moveByHand } from "./move-by-hand.ts";

/** Money to put into the pool. */
export type TopUp = {
  readonly asset: string;
  /** In major units. */
  readonly amount: string;
  /** The bank account that it is on; empty is the main one. */
  readonly bank: string;
  readonly reference: string;
};

/**
 * Puts money into the pool that pays merchants, from a bank account of ours, once a key (FLOW-8).
 * Throws UNKNOWN_ASSET, INVALID_AMOUNT for what is not more than zero, AMOUNT_TOO_LARGE, and above
 * the limit of the asset REASON_REQUIRED or APPROVAL_REQUIRED.
 */
export async function topUpPool<S extends DescMessage>(
  billing: Billing,
  { asset: code, amount, bank, reference }: TopUp,
  { toMessage, ...answer }: Answer<S, Pool>,
): Promise<MessageShape<S>> {
  const asset = houseAsset(billing.assets, code);
  const movement = movementOf(answer.call, {
    ledger: asset.ledger,
    amount: positiveAmount(amount, asset),
    beneficiary: POOL,
    bank: bank === "" ? MAIN : bank,
    reference,
  });
  return moveByHand(
    billing,
    { movement, asset },
    {
      ...answer,
      toMessage: ({ credit, turn }) => toMessage(poolOf(credit, turn.register.toppedUpMinor)),
    },
  );
}
