import { fromMinor } from "#mesh/money.ts";
import { fail } from "../../errors.ts";
import type { Books, HoldEnd, HoldIds, Money } from "../hold.ts";
import type { StoredTransfer } from "../transfer.ts";

/** Finds the transfer behind a hold. Throws HOLD_NOT_FOUND. */
export function findHeld({ transfer }: Books, { holdId }: HoldEnd, ids: HoldIds): StoredTransfer {
  const held = transfer(ids.reserve);
  if (held === undefined) throw fail("HOLD_NOT_FOUND", { hold_id: holdId });
  return held;
}

/** Checks that money is of the asset of the hold. Throws ASSET_NOT_ACCEPTED. */
export function checkAsset({ holdId }: Named, { ledger }: StoredTransfer, money?: Money): void {
  if (money === undefined || money.asset.ledger === ledger) return;
  throw fail("ASSET_NOT_ACCEPTED", { hold_id: holdId, asset: money.asset.code });
}

/** Checks an amount that may only be the whole hold. Throws HOLD_AMOUNT_DIFFERS. */
export function checkWhole(end: Named & Pick<HoldEnd, "money">, held: StoredTransfer): void {
  const { holdId, money } = end;
  checkAsset(end, held, money);
  if (money === undefined || money.amountMinor === held.amount) return;
  const amount = fromMinor(money.amountMinor, money.asset.scale);
  throw fail("HOLD_AMOUNT_DIFFERS", { hold_id: holdId, amount });
}

type Named = Pick<HoldEnd, "holdId">;
