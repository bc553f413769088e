import { randomBytes } from "node:crypto";
import { derivedId } from "#mesh/ids.ts";

/** The accounts of the bench; none of them may be overdrawn. */
export const accountIds = Array.from({ length: 10_000 }, (_, index) => derivedId(`bench/${index}`));

/** The account that is debited by every transfer of a hot mix. */
export const hotId = derivedId("bench/hot");

/** What every account has at the start, in minor units: enough for all that is measured. */
export const FUNDS_MINOR = 10n ** 15n;

/** What a transfer moves, in minor units. */
export const AMOUNT_MINOR = 100n;

/** Who pays whom: among all accounts alike, or always from the same one. */
export type Mix = "uniform" | "hot";

/** An id as it is derived from what caused a transfer: any 16 bytes. */
export function randomId(): string {
  return randomBytes(16).toString("hex");
}

/** Draws two accounts. */
export function drawPair(mix: Mix): { debitAccountId: string; creditAccountId: string } {
  const debit = Math.floor(Math.random() * accountIds.length);
  const credit =
    (debit + 1 + Math.floor(Math.random() * (accountIds.length - 1))) % accountIds.length;
  return {
    debitAccountId: mix === "hot" ? hotId : accountIds[debit]!,
    creditAccountId: accountIds[credit]!,
  };
}
