import { type Account, AccountFlags, type Id, type NewAccount } from "./account.ts";
import {
  type FailedTransfer,
  type Resolution,
  type StoredTransfer,
  TransferFlags,
  TransferKinds,
} from "./transfer.ts";

/** All that the naive ledger knows: what was opened, what was written, what was burned. */
export type NaiveBook = {
  readonly ledgers: ReadonlySet<number>;
  readonly accounts: readonly NaiveAccount[];
  readonly rows: readonly StoredTransfer[];
  readonly failed: readonly FailedTransfer[];
  readonly lastAtUs: number;
};

/** An account without its counters: they are added up from the rows whenever they are wanted. */
export type NaiveAccount = NewAccount & { readonly slot: number; readonly createdAtUs: number };

/** An account with its counters, found and counted by walking through everything. */
export function findAccount(book: NaiveBook, id: Id): Account | undefined {
  const account = book.accounts.find((one) => one.id === id);
  return account && countUp(book, account);
}

/** The counters of an account: the sum of what each row has done to it. */
function countUp({ rows }: NaiveBook, account: NaiveAccount): Account {
  const counters = { debitsPending: 0n, debitsPosted: 0n, creditsPending: 0n, creditsPosted: 0n };
  const mine = rows.filter(
    ({ debitSlot, creditSlot }) => debitSlot === account.slot || creditSlot === account.slot,
  );
  let isClosed = false;
  for (const row of mine) {
    const isDebit = row.debitSlot === account.slot;
    const first = row.pendingAtUs === 0 ? row : rows.find(({ atUs }) => atUs === row.pendingAtUs)!;
    counters[isDebit ? "debitsPending" : "creditsPending"] += pendingBy(row, first);
    counters[isDebit ? "debitsPosted" : "creditsPosted"] += postedBy(row);
    const closer = isDebit ? TransferFlags.CLOSING_DEBIT : TransferFlags.CLOSING_CREDIT;
    if ((first.flags & closer) !== 0) isClosed = row === first;
  }
  const flags = account.flags + (isClosed ? AccountFlags.CLOSED : 0);
  return { ...account, ...counters, flags, version: mine.length };
}

function pendingBy(row: StoredTransfer, first: StoredTransfer): bigint {
  if (row.kind === TransferKinds.SINGLE) return 0n;
  return row.kind === TransferKinds.PENDING ? row.amount : -first.amount;
}

function postedBy({ kind, amount }: StoredTransfer): bigint {
  return kind === TransferKinds.SINGLE || kind === TransferKinds.POST ? amount : 0n;
}

/** How a pending row ended, as far as the rows tell. */
export function resolutionOf(
  { rows }: NaiveBook,
  { atUs }: StoredTransfer,
): Resolution | undefined {
  const end = rows.find(({ pendingAtUs }) => pendingAtUs === atUs);
  if (end === undefined) return undefined;
  if (end.kind === TransferKinds.POST) return "posted";
  return end.kind === TransferKinds.VOID ? "voided" : "expired";
}

/** A row with all that became of it later. */
export function shown(book: NaiveBook, row: StoredTransfer): StoredTransfer {
  const resolution = resolutionOf(book, row);
  const mirror = book.rows.find(({ revertsId }) => revertsId === row.id);
  return {
    ...row,
    ...(resolution && { resolution }),
    ...(mirror && { revertedAtUs: mirror.atUs }),
  };
}

/** The pending rows that nothing has resolved, oldest first. */
export function openPendingsOf({ rows }: NaiveBook): StoredTransfer[] {
  const resolved = new Set(rows.map(({ pendingAtUs }) => pendingAtUs));
  return rows.filter(({ kind, atUs }) => kind === TransferKinds.PENDING && !resolved.has(atUs));
}
