import { hexOf } from "#mesh/ids.ts";
import type { Account } from "../domain/account.ts";
import type { Asset } from "../domain/asset.ts";
import type { Ledger } from "../domain/ledger.ts";
import { isTopUp, type Movement, movementSides, movementTransfer } from "../domain/movement.ts";
import { openAvailable } from "../domain/owner.ts";
import type { StoredTransfer } from "../domain/transfer.ts";
import { fail } from "../errors.ts";
import type { Turn } from "../writer/work.ts";

/** A movement that was made, now or earlier. */
export type Moved = {
  readonly transfer: StoredTransfer;
  /** The account that got the money, as it is now. */
  readonly credit: Readonly<Account>;
};

/**
 * Makes the transfer of a movement in a turn of the writer, and notes who is behind it in the same
 * commit (S10). The accounts of an asset or bank are opened on first use (ACC-9). One that was made
 * already stays as it is. Throws USER_NOT_FOUND, or LEDGER_REFUSED for its id with another content.
 */
export function postMovement(
  { ledger, register, atUs }: Turn,
  movement: Movement,
  asset: Asset,
  approvedBy?: string,
): Moved {
  findBeneficiary(ledger, movement);
  const { debit, credit } = movementSides(movement, asset);
  if (isTopUp(movement)) ledger.createAccounts([debit, credit], atUs);
  else openAvailable(ledger, { ownerId: movement.beneficiary, asset, atUs });
  const [result] = ledger.createTransfers([movementTransfer(movement, asset)], atUs);
  const { status, transfer } = result!;
  if (transfer === undefined) throw fail("LEDGER_REFUSED", { status });
  if (status === "created") {
    register.note({ transferId: transfer.id, atUs: transfer.atUs, movement, approvedBy });
  }
  return { transfer, credit: ledger.account(credit.id)! };
}

/** Throws USER_NOT_FOUND for a user of whom there is no account at all. */
export function findBeneficiary(ledger: Ledger, movement: Movement): void {
  const { beneficiary } = movement;
  if (isTopUp(movement) || ledger.accountsOf(hexOf(beneficiary)).length > 0) return;
  throw fail("USER_NOT_FOUND", { user_id: beneficiary });
}
