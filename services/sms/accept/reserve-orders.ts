import type { Sms } from "../context.ts";
import { endOf } from "./end-of.ts";
import { createHolds, type HoldVerdict, releaseHolds, type ToHold } from "./holds.ts";
import { chunkAlone, type Draft, type DraftChunk } from "./order.ts";
import type { Stored } from "./store-orders.ts";

/** An order of which it is known what is paid. */
export type Reserved = {
  readonly kind: "RESERVED";
  readonly stored: Stored;
  /** The chunks whose price is reserved, and the messages that have become chunks of their own. */
  readonly kept: readonly DraftChunk[];
  readonly alone: readonly DraftChunk[];
  /** The chunks that are no more, and the messages that the money did not reach. */
  readonly gone: readonly DraftChunk[];
  readonly unpaid: readonly Draft[];
};

/** An order whose chunks are not all covered: its messages are reserved one by one (MON-3). */
export type Short = {
  readonly kind: "SHORT";
  readonly stored: Stored;
  readonly kept: readonly DraftChunk[];
  /** Reserved, though messages of them come after one that is not: free them first. */
  readonly early: readonly DraftChunk[];
  readonly refused: readonly DraftChunk[];
};

/** What became of an order on the ledger; after a failure the sweeper clears up (MON-4). */
export type ReserveVerdict = Reserved | Short | { readonly kind: "FAILED"; readonly error: Error };

type Ledger = Pick<Sms, "holds" | "currency" | "terms">;

/**
 * Reserves the prices of orders, one hold a chunk, those of all orders together (MON-2). Throws
 * LEDGER_AWAY when it is not known in time how that ended.
 */
export async function reserveOrders(
  sms: Ledger,
  orders: readonly Stored[],
): Promise<ReserveVerdict[]> {
  const wanted = orders.flatMap((stored) =>
    stored.draft.chunks.map((chunk) => toHold(stored, chunk)),
  );
  const verdicts = (await createHolds(sms, wanted, endOf(sms.terms, orders))).values();
  return orders.map((stored) =>
    judge(
      stored,
      stored.draft.chunks.map(() => verdicts.next().value!),
    ),
  );
}

/**
 * Reserves what is affordable of orders that are not covered as a whole: exactly what single
 * messages, one after the other in their order, would have got (MON-3).
 */
export async function reserveSingly(
  sms: Ledger,
  orders: readonly Short[],
): Promise<ReserveVerdict[]> {
  const endMs = endOf(
    sms.terms,
    orders.map(({ stored }) => stored),
  );
  const early = orders.flatMap((order) => order.early);
  if (early.length > 0) await releaseHolds(sms, early, endMs);
  const singles = orders.map((order) => singlesOf(order));
  const wanted = orders.flatMap(({ stored }, index) =>
    singles[index]!.map((chunk) => toHold(stored, chunk)),
  );
  const verdicts = (await createHolds(sms, wanted, endMs)).values();
  return orders.map(({ stored, kept, early: freed, refused }, index) => {
    const mine = singles[index]!.map((chunk) => ({ chunk, verdict: verdicts.next().value! }));
    const failure = mine.find(({ verdict }) => verdict instanceof Error)?.verdict;
    if (failure instanceof Error) return { kind: "FAILED", error: failure };
    return {
      kind: "RESERVED",
      stored,
      kept,
      gone: [...freed, ...refused],
      alone: mine.flatMap(({ chunk, verdict }) => (verdict === "HELD" ? [chunk] : [])),
      unpaid: mine.flatMap(({ chunk, verdict }) => (verdict === "HELD" ? [] : chunk.messages)),
    };
  });
}

function judge(stored: Stored, verdicts: readonly HoldVerdict[]): ReserveVerdict {
  const { chunks, drafts } = stored.draft;
  const failure = verdicts.find((verdict) => verdict instanceof Error);
  if (failure !== undefined) return { kind: "FAILED", error: failure };
  const refused = chunks.filter((_, index) => verdicts[index] === "UNPAID");
  if (refused.length === 0) {
    return { kind: "RESERVED", stored, kept: chunks, alone: [], gone: [], unpaid: [] };
  }
  if (drafts.length === 1) {
    return { kind: "RESERVED", stored, kept: [], alone: [], gone: refused, unpaid: drafts };
  }
  const first = Math.min(...refused.map(({ messages }) => messages[0]!.place));
  const held = chunks.filter((_, index) => verdicts[index] === "HELD");
  const isEarly = ({ messages }: DraftChunk) => messages.at(-1)!.place > first;
  const kept = held.filter((chunk) => !isEarly(chunk));
  return { kind: "SHORT", stored, kept, early: held.filter(isEarly), refused };
}

function singlesOf({ early, refused }: Short): DraftChunk[] {
  const drafts = [...early, ...refused].flatMap(({ messages }) => messages);
  return drafts.toSorted((one, other) => one.place - other.place).map(chunkAlone);
}

function toHold({ draft, acceptedAtMs }: Stored, chunk: DraftChunk): ToHold {
  const { accountId } = draft.order;
  return { chunk, accountId, acceptedAtMs };
}
