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

/**
 * Who pays whom: all accounts alike, always from the same one, or some far more often than others,
 * as Zipf's law has it (exponent 0.99, which YCSB uses).
 */
export type Mix = "uniform" | "hot" | "zipf";

/** An id as it is derived from what caused a transfer: any 16 bytes. */
export function randomId(): string {
  return randomBytes(16).toString("hex");
}

/** Draws two accounts. */
export function drawPair(mix: Mix): { debitAccountId: string; creditAccountId: string } {
  const debit = drawPlace(mix);
  const drawn = drawPlace(mix);
  const credit = drawn === debit ? (debit + 1) % accountIds.length : drawn;
  return {
    debitAccountId: mix === "hot" ? hotId : accountIds[debit]!,
    creditAccountId: accountIds[credit]!,
  };
}

function drawPlace(mix: Mix): number {
  if (mix !== "zipf") return Math.floor(Math.random() * accountIds.length);
  const wanted = Math.random() * zipfSums.at(-1)!;
  let [low, high] = [0, zipfSums.length - 1];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (zipfSums[middle]! < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The sums of the weights 1 / rank^0.99. */
const zipfSums = new Float64Array(accountIds.length);
for (let rank = 1, sum = 0; rank <= accountIds.length; rank++) {
  zipfSums[rank - 1] = sum += rank ** -0.99;
}
