import type { Id } from "./account.ts";
import type { NaiveBook } from "./naive-book.ts";
import type { Run } from "./naive-chains.ts";
import { type TransferResult, type TransferStatus, transientStatuses } from "./transfer.ts";

/** Answers with a status that is not "created", and burns the id where another moment would not. */
export function refuse(
  book: NaiveBook,
  id: Id,
  status: TransferStatus,
  nowUs: number,
): Run<TransferResult> {
  if (status === "exists") {
    return { results: [{ status, transfer: book.rows.find((row) => row.id === id)! }], book };
  }
  if (status === "id_already_failed") {
    const failedWith = book.failed.find((one) => one.id === id)!.status;
    return { results: [{ status, failedWith }], book };
  }
  const burned = transientStatuses.has(status) ? [{ id, status, atUs: nowUs }] : [];
  return { results: [{ status }], book: { ...book, failed: [...book.failed, ...burned] } };
}
