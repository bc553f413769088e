import type { MessageInitShape } from "@bufbuild/protobuf";
import type { CreditSchema, PoolSchema } from "#gen/mizan/billing/v1/credit_pb.ts";
import { fromMinor } from "#mesh/money.ts";
import type { Assets } from "../domain/asset.ts";
import { HOUSE_ASSET } from "../domain/chart.ts";
import type { Credit, Pool } from "../domain/credit.ts";

/** Writes a credit; people read it in the money that it is paid in. */
export function toCredit(assets: Assets, credit: Credit) {
  const message = {
    creditLimit: toMoney(assets, credit.limitMinor),
    utilized: toMoney(assets, credit.utilizedMinor),
    held: toMoney(assets, credit.heldMinor),
    available: toMoney(assets, credit.availableMinor),
  };
  return message satisfies MessageInitShape<typeof CreditSchema>;
}

/** Writes the pool. */
export function toPool(assets: Assets, { availableMinor, heldMinor, toppedUpMinor }: Pool) {
  const message = {
    available: toMoney(assets, availableMinor),
    held: toMoney(assets, heldMinor),
    totalToppedUp: toMoney(assets, toppedUpMinor),
  };
  return message satisfies MessageInitShape<typeof PoolSchema>;
}

function toMoney(assets: Assets, amountMinor: bigint) {
  const { code, scale } = assets.byCode(HOUSE_ASSET)!;
  return { asset: code, amount: fromMinor(amountMinor, scale) };
}
