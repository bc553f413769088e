import type { Id } from "./account.ts";
import { type AccountPendings, createPendingsBySlot } from "./account-pendings.ts";
import { expiryOf } from "./timeout.ts";
import type { StoredTransfer } from "./transfer.ts";

/** The pending transfers that nothing has resolved yet, with the ones that expire in order. */
export type OpenPendings = {
  find(id: Id): StoredTransfer | undefined;
  add(row: StoredTransfer): void;
  remove(id: Id): void;
  /** The one that expires first, the older one of two; absent when none expires. */
  first(): OpenPending | undefined;
  /** The oldest ones of an account, at most a limit of them, and how many there are. */
  ofAccount(slot: number, limit: number): AccountPendings;
  all(): Iterable<StoredTransfer>;
};

/** An open pending transfer. */
type OpenPending = {
  readonly row: StoredTransfer;
  /** When it expires, in microseconds since 1970; 0 is never. */
  readonly expiresAtUs: number;
  /** Its place in the heap, so that it leaves the heap when it is resolved and not when it is due. */
  place: number;
  isOpen: boolean;
};

/** Keeps open pendings by id and by account, and those with a timeout in a binary heap by expiry. */
export function createOpenPendings(): OpenPendings {
  const byId = new Map<Id, OpenPending>();
  const heap: OpenPending[] = [];
  const bySlot = createPendingsBySlot();
  return {
    find: (id) => byId.get(id)?.row,
    add(row) {
      const expiresAtUs = expiryOf(row.atUs, row.timeoutSeconds);
      const pending = { row, expiresAtUs, place: heap.length, isOpen: true };
      byId.set(row.id, pending);
      bySlot.add(pending);
      if (expiresAtUs !== 0) rise(heap, pending, heap.length);
    },
    remove(id) {
      const pending = byId.get(id);
      if (pending === undefined) return;
      byId.delete(id);
      bySlot.remove(pending);
      if (pending.expiresAtUs !== 0) removeFrom(heap, pending);
    },
    first: () => heap[0],
    ofAccount: (slot, limit) => bySlot.find(slot, limit),
    all: () => byId.values().map(({ row }) => row),
  };
}

function removeFrom(heap: OpenPending[], pending: OpenPending) {
  const last = heap.pop();
  if (last === undefined || last === pending) return;
  rise(heap, last, pending.place);
  sink(heap, last, last.place);
}

/** Puts a pending into the heap at a place, or nearer to the top when it is due before those above. */
function rise(heap: OpenPending[], pending: OpenPending, from: number) {
  let place = from;
  while (place > 0) {
    const parent = heap[(place - 1) >> 1]!;
    if (!isBefore(pending, parent)) break;
    put(heap, parent, place);
    place = (place - 1) >> 1;
  }
  put(heap, pending, place);
}

function sink(heap: OpenPending[], pending: OpenPending, from: number) {
  let place = from;
  for (;;) {
    const left = heap[2 * place + 1];
    const right = heap[2 * place + 2];
    if (left === undefined) break;
    const child = right !== undefined && isBefore(right, left) ? right : left;
    if (!isBefore(child, pending)) break;
    const below = child.place;
    put(heap, child, place);
    place = below;
  }
  put(heap, pending, place);
}

function put(heap: OpenPending[], pending: OpenPending, place: number) {
  heap[place] = pending;
  pending.place = place;
}

function isBefore(one: OpenPending, other: OpenPending): boolean {
  return one.expiresAtUs === other.expiresAtUs
    ? one.row.seq < other.row.seq
    : one.expiresAtUs < other.expiresAtUs;
}
