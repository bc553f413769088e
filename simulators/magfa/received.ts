import type { Receipts } from "./receipts.ts";
import { bare } from "./script.ts";
import type { Calls, State } from "./state.ts";

/** Which texts to show: of one reference or recipient, and how many at most. */
export type ReceivedQuery = {
  readonly uid?: bigint;
  readonly recipient?: string;
  /** 100 when it is not said. */
  readonly limit?: number;
};

/** What a simulated Magfa truly received. */
export type Received = {
  /** How many texts were accepted. */
  readonly accepted: number;
  readonly calls: Calls;
  /** How many references are remembered, and how many not any more. */
  readonly uids: { readonly known: number; readonly forgotten: number };
  /** References that were accepted more than once, and how many texts were too many. */
  readonly duplicates: { readonly uids: readonly string[]; readonly texts: number };
  readonly receipts: ReturnType<Receipts["counts"]>;
  /** How often the reference was accepted that was asked for. */
  readonly count?: number;
  /** The last texts, the newest first. */
  readonly texts: readonly ReceivedText[];
};

/** A text that was accepted. */
type ReceivedText = {
  readonly mid: string;
  readonly uid: string | undefined;
  readonly recipient: string;
  readonly sender: string;
  /** Up to its 2,000th character; empty after a restart. */
  readonly text: string;
  /** When it arrived, in milliseconds since 1970 with fractions. */
  readonly atMs: number;
};

/** Shows what was received. */
export function received(
  { memory, calls, midOf }: State,
  receipts: Receipts,
  { uid, recipient, limit = 100 }: ReceivedQuery,
): Received {
  const to = recipient === undefined ? undefined : bare(recipient);
  const texts = memory.last(
    limit,
    (text) => (uid ?? text.uid) === text.uid && (to ?? text.recipient) === text.recipient,
  );
  return {
    ...memory.counts(),
    calls: { ...calls, refused: { ...calls.refused } },
    receipts: receipts.counts(),
    ...(uid !== undefined && { count: memory.findUid(uid)?.count ?? 0 }),
    texts: texts.map(({ n, uid: key, recipient: number, sender, text, atMs }) => ({
      mid: midOf(n),
      uid: key?.toString(),
      recipient: number,
      sender,
      text,
      atMs,
    })),
  };
}
