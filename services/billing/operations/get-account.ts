import { MAX_TOLD_PENDINGS } from "#mesh/limits.ts";
import type { Billing } from "../context.ts";
import type { Account, Id } from "../domain/account.ts";
import { type TransferView, viewOf } from "../domain/transfer-view.ts";
import { fail } from "../errors.ts";
import type { Bounds } from "../writer/work.ts";

/** An account with what is pending on it, both as of one place in the order of the shard. */
export type AccountNow = {
  readonly account: Readonly<Account>;
  readonly asOfSeq: number;
  /** The oldest of them. */
  readonly openPendings: readonly TransferView[];
  readonly openPendingCount: number;
};

/**
 * Reads an account with its open pending transfers from the writer's memory, where nothing is open
 * that has expired (EXT-4). Throws ACCOUNT_NOT_FOUND.
 */
export async function getAccount(
  { writer }: Pick<Billing, "writer">,
  accountId: Id,
  bounds: Bounds,
): Promise<AccountNow> {
  return writer.submit({
    ...bounds,
    eventCount: 1,
    decide: ({ ledger }) => {
      const account = ledger.account(accountId);
      if (account === undefined) throw fail("ACCOUNT_NOT_FOUND", { account_id: accountId });
      const { rows, count } = ledger.openPendingsOf(account.slot, MAX_TOLD_PENDINGS);
      return {
        account: { ...account }, // all as it is now, whatever comes next
        asOfSeq: ledger.lastSeq,
        openPendings: rows.map((row) => viewOf({ ...row }, (slot) => ledger.bySlot(slot))),
        openPendingCount: count,
      };
    },
  });
}
