import { MAX_ID, ZERO_ID } from "#mesh/ids.ts";
import type { Id } from "./account.ts";
import { broken, type Rule } from "./naive-account-rules.ts";
import type { NaiveBook } from "./naive-book.ts";
import type { Run } from "./naive-chains.ts";
import { asOld, factsOf, saidAgain } from "./naive-facts.ts";
import { refuse } from "./naive-refuse.ts";
import { type TransferFacts, transferRules } from "./naive-rules.ts";
import { madeLast, write } from "./naive-write.ts";
import {
  type NewRevert,
  type NewTransfer,
  type StoredTransfer,
  TransferKinds,
  type TransferResult,
  type TransferStatus,
} from "./transfer.ts";

/** What the rules for reverts look at. */
type RevertFacts = {
  readonly revert: NewRevert;
  /** The transfer that has the id. */
  readonly old: TransferFacts["old"];
  readonly isBurned: boolean;
  readonly original: StoredTransfer | undefined;
  readonly isReverted: boolean;
  /** The mirror, as the rules for transfers look at it. */
  readonly mirror: TransferFacts | undefined;
};

/** The rules for reverts, in order: those of the id, their own, and the last ones of transfers. */
export const revertRules: readonly Rule<TransferStatus, RevertFacts>[] = [
  ["id_must_not_be_zero", ({ revert }) => revert.id === ZERO_ID],
  ["id_must_not_be_max", ({ revert }) => revert.id === MAX_ID],
  ["exists_with_different_flags", ({ old }) => !!old && (old.isExpiry || old.flags !== 0)],
  [
    "exists_with_different_pending_id",
    ({ revert, old }) => !!old && old.revertsId !== revert.originalId,
  ],
  ["exists", ({ old }) => !!old],
  ["id_already_failed", ({ isBurned }) => isBurned],
  ["original_not_found", ({ original }) => !original],
  [
    "original_not_revertible",
    ({ original }) =>
      !!original &&
      (![1, 3].includes(original.kind) || !!original.revertsId || !!original.refunded),
  ],
  ["already_reverted", ({ isReverted }) => isReverted],
  ...transferRules
    .filter(([status]) => /^overflows|_already_closed$|^exceeds_(cre|de)/.test(status))
    .map(([status, breaks]): Rule<TransferStatus, RevertFacts> => {
      return [status, ({ mirror }) => !!mirror && breaks(mirror)];
    }),
];

/** Writes the mirror of a transfer, or says which rule comes first. */
export function makeRevert(book: NaiveBook, revert: NewRevert, nowUs: number): Run<TransferResult> {
  const atUs = Math.max(nowUs, book.lastAtUs + 1);
  const rowOf = (wanted: Id) => book.rows.find(({ id }) => id === wanted);
  const [old, original] = [rowOf(revert.id), rowOf(revert.originalId)];
  const event = original && mirrorOf(saidAgain(book, original), revert);
  const [status] = broken(revertRules, {
    revert,
    old: old && asOld(book, old),
    isBurned: book.failed.some(({ id }) => id === revert.id),
    original,
    isReverted: book.rows.some(({ revertsId }) => revertsId === revert.originalId),
    mirror: event && factsOf(book, event, atUs),
  });
  if (status !== undefined) return refuse(book, revert.id, status, nowUs);
  const content = { ...event!, revertsId: original!.id, revertsAtUs: original!.atUs };
  const after = write(book, content, TransferKinds.SINGLE, atUs);
  return { results: [madeLast(after)], book: after };
}

/** The same money back, for the same reason. */
function mirrorOf(original: NewTransfer, { id, reference }: NewRevert): NewTransfer {
  return {
    ...original,
    id,
    debitAccountId: original.creditAccountId,
    creditAccountId: original.debitAccountId,
    pendingId: ZERO_ID,
    timeoutSeconds: 0,
    flags: 0,
    ...(reference !== undefined && { reference }),
  };
}
