import type { Billing } from "../context.ts";
import type { NewRevert } from "../domain/transfer.ts";
import type { Bounds } from "../writer/work.ts";
import { balancesOfThen } from "./balances-of-then.ts";
import { type TransferOutcome, withView } from "./create-transfers.ts";

/**
 * Undoes a transfer by its mirror, once (EXT-3). The same mirror again has the outcome of its first
 * time.
 */
export async function revertTransfer(
  { db, writer }: Pick<Billing, "db" | "writer">,
  revert: NewRevert,
  bounds: Bounds,
): Promise<TransferOutcome> {
  const outcome = await writer.submit({
    ...bounds,
    eventCount: 1,
    ids: [{ id: revert.id, pendingId: revert.originalId }],
    decide: ({ ledger, register, atUs }) => {
      const result = ledger.revert(revert, atUs);
      if (result.status === "created") register.unnote(result.transfer!);
      return withView(result, ledger);
    },
  });
  const [answer] = await balancesOfThen({ db }, [outcome]);
  return answer!;
}
