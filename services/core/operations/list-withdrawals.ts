import { fromPageToken, pageSize, toPageToken } from "#mesh/page.ts";
import type { Withdrawing } from "../context.ts";
import type { Withdrawal, WithdrawalState } from "../domain/withdrawal.ts";
import { firstIdAt, LAST_ID } from "../domain/withdrawal-ids.ts";
import { findWithdrawals } from "../store/withdrawals.ts";

/** Which withdrawals somebody asks for. */
export type WithdrawalSearch = {
  /** Whose; undefined for everybody's. */
  readonly merchantId: string | undefined;
  readonly state: WithdrawalState | undefined;
  /** Asked for at this time or later, and before that one, in epoch milliseconds. */
  readonly startMs: number | undefined;
  readonly endMs: number | undefined;
};

/**
 * One page of withdrawals, the newest first, and the token of the next one. A page may be short and
 * not be the last: one call looks at a bounded number. Throws INVALID_PAGE_TOKEN for the token of
 * another search.
 */
export async function listWithdrawals(
  { db }: Pick<Withdrawing, "db">,
  search: WithdrawalSearch,
  page: { readonly pageSize: number; readonly pageToken: string },
): Promise<{ readonly withdrawals: Withdrawal[]; readonly nextPageToken: string }> {
  const list = `withdrawals/${JSON.stringify(search)}`;
  const { merchantId, state, startMs = 0, endMs } = search;
  const [after] = fromPageToken(page.pageToken, list) ?? [];
  const beforeId = after ?? (endMs === undefined ? LAST_ID : firstIdAt(endMs));
  const filter = { merchantId, state, fromId: firstIdAt(startMs), beforeId };
  const size = pageSize(page.pageSize);
  const { withdrawals: found, seenToId } = await findWithdrawals(db.sql, filter, size + 1);
  const withdrawals = found.slice(0, size);
  const lastId = found.length > size ? withdrawals.at(-1)!.id : seenToId;
  return { withdrawals, nextPageToken: lastId === undefined ? "" : toPageToken([lastId], list) };
}
