import { ZERO_ID } from "#mesh/ids.ts";
import { TransferFlags } from "../../services/billing/domain/transfer.ts";
import type { TransferRequest } from "../../services/billing/operations/create-transfers.ts";
import { drawPair, type Mix, randomId } from "./chart.ts";
import { plain } from "./open-ledger.ts";

/** Draws a batch of transfers. */
export function transfers(mix: Mix, size: number, flags = 0): TransferRequest[] {
  return Array.from({ length: size }, () => {
    return { ...plain, ...drawPair(mix), id: randomId(), amount: AMOUNT, flags };
  });
}

/** Draws holds, and the posts that capture them in full. */
export function pairs(size: number): { holds: TransferRequest[]; posts: TransferRequest[] } {
  const holds = transfers("uniform", size, TransferFlags.PENDING);
  const posts = holds.map(({ id }) => ({
    ...plain,
    id: randomId(),
    pendingId: id,
    debitAccountId: ZERO_ID,
    creditAccountId: ZERO_ID,
    flags: TransferFlags.POST_PENDING,
    code: 0,
    asset: "",
    amount: "",
    isAll: true,
  }));
  return { holds, posts };
}

/** AMOUNT_MINOR in major units. */
const AMOUNT = "0.000100";
