import { createUidTable } from "./uid-table.ts";

/** A text that was accepted. Its number becomes Magfa's id. */
export type Accepted = {
  readonly n: number;
  readonly uid: bigint | undefined;
  readonly recipient: string;
  readonly sender: string;
  readonly text: string;
  /** When it arrived, in milliseconds since 1970 with fractions. */
  readonly atMs: number;
};

/** What the simulator remembers of what it has accepted; bounded in each part. */
export type Memory = ReturnType<typeof createMemory>;

/**
 * Remembers the last 200,000 texts as a whole, what became of the last 2,097,152, and how often
 * each of the last two to four million references came. What is older is as Magfa's own after a
 * day: not found. The first 10,000 duplicates are named, all are counted.
 */
export function createMemory(firstNumber: number) {
  const texts: Accepted[] = [];
  const statuses = new Int8Array(STATUSES);
  const uids = createUidTable(2_000_000);
  const duplicates = new Set<bigint>();
  let next = firstNumber;
  let duplicateTexts = 0;
  const count = (uid: bigint, n: number) => {
    if (uids.add(uid, n) === 1) return;
    duplicateTexts++;
    if (duplicates.size < NAMED_DUPLICATES) duplicates.add(uid);
  };
  const isKept = (n: number) => n < next && n >= firstNumber && n >= next - STATUSES;
  const isHeld = (n: number) => n < next && n >= firstNumber && n >= next - TEXTS;
  return {
    /** Takes a text in under the next number. */
    add: (text: Accepted) => {
      next = text.n + 1;
      texts[text.n % TEXTS] = text;
      statuses[text.n % STATUSES] = 0;
      if (text.uid !== undefined) count(text.uid, text.n);
    },
    nextNumber: () => next,
    /** What a poll says of a number; -1 when it is not known. */
    statusOf: (n: number) => (isKept(n) ? statuses[n % STATUSES]! : -1),
    setStatus: (n: number, status: number) => {
      if (isKept(n)) statuses[n % STATUSES] = status;
    },
    findUid: uids.find,
    /** The last texts that fit, the newest first. */
    last: (limit: number, fits: (text: Accepted) => boolean = () => true) => {
      const found: Accepted[] = [];
      for (let n = next - 1; isHeld(n) && found.length < limit; n--) {
        const text = texts[n % TEXTS];
        if (text !== undefined && fits(text)) found.push(text);
      }
      return found;
    },
    counts: () => ({
      accepted: next - firstNumber,
      uids: { known: uids.size, forgotten: uids.forgotten },
      duplicates: { uids: [...duplicates].map(String), texts: duplicateTexts },
    }),
  };
}

const TEXTS = 200_000;
const STATUSES = 1 << 21;
const NAMED_DUPLICATES = 10_000;
