import type { StoredTransfer } from "./transfer.ts";

/** An open pending transfer of an account; one that is not open any more is swept out later. */
type ListedPending = { readonly row: StoredTransfer; isOpen: boolean };

/** The open pending transfers of one account. */
export type AccountPendings = {
  /** The oldest of them, in the order of seq. */
  readonly rows: readonly StoredTransfer[];
  readonly count: number;
};

/** Knows the open pending transfers by account, for those who read one (EXT-4). */
export type PendingsBySlot = {
  add(pending: ListedPending): void;
  remove(pending: ListedPending): void;
  find(slot: number, limit: number): AccountPendings;
};

/**
 * Keeps a list by seq for each account. What is resolved is only marked, so that it costs next to
 * nothing however many there are, and the list is made anew when less than half of it is open.
 */
export function createPendingsBySlot(): PendingsBySlot {
  const lists = new Map<number, List>();
  return {
    add(pending) {
      addTo(lists, pending.row.debitSlot, pending);
      addTo(lists, pending.row.creditSlot, pending);
    },
    remove(pending) {
      pending.isOpen = false;
      removeFrom(lists, pending.row.debitSlot);
      removeFrom(lists, pending.row.creditSlot);
    },
    find(slot, limit) {
      const { all, count } = lists.get(slot) ?? { all: [], count: 0 };
      const rows: StoredTransfer[] = [];
      for (let place = 0; place < all.length && rows.length < limit; place += 1) {
        const { row, isOpen } = all[place]!;
        if (isOpen) rows.push(row);
      }
      return { rows, count };
    },
  };
}

type List = { all: ListedPending[]; count: number };

/**
 * New ones come last. Those that an undone chain had resolved come back to their place, and a seq
 * that such a chain gave away may come again (WR-8).
 */
function addTo(lists: Map<number, List>, slot: number, pending: ListedPending) {
  const list = lists.get(slot);
  if (list === undefined) {
    lists.set(slot, { all: [pending], count: 1 });
    return;
  }
  const { all } = list;
  const { seq } = pending.row;
  list.count += 1;
  if (all.at(-1)!.row.seq < seq) all.push(pending);
  else all.splice(placeOf(all, seq), 0, pending);
}

/** Where the first one stands that is not older than a seq; the last one never is. */
function placeOf(all: readonly ListedPending[], seq: number): number {
  let [from, to] = [0, all.length - 1];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (all[middle]!.row.seq < seq) from = middle + 1;
    else to = middle;
  }
  return from;
}

function removeFrom(lists: Map<number, List>, slot: number) {
  const list = lists.get(slot)!;
  list.count -= 1;
  if (list.count === 0) lists.delete(slot);
  else if (list.all.length > 2 * list.count + MIN_SWEPT) {
    list.all = list.all.filter(({ isOpen }) => isOpen);
  }
}

/** A short list is not worth to be made anew. */
const MIN_SWEPT = 64;
