import { openLineFile } from "../line-file.ts";

/** An accepted text as it survives a crash; its text does not. */
export type StoredText = {
  readonly n: number;
  readonly uid: bigint | undefined;
  readonly recipient: string;
  readonly sender: string;
  readonly atMs: number;
  /** The receipt that is due, and when, in milliseconds since 1970. */
  readonly status: number;
  readonly dueMs: number;
};

/** A file of what was accepted. */
export type Store = AsyncDisposable & {
  /** Is resolved when the texts are on disk; many callers share one write. */
  readonly append: (texts: readonly StoredText[]) => Promise<void>;
  /** Notes receipts that need no push any more. A crash may lose the note. */
  readonly settle: (numbers: readonly number[]) => void;
  /** Forgets all texts, but not the numbers that were given. */
  readonly clear: (nextNumber: number) => Promise<void>;
};

/** Hears what a file remembers, in order. */
export type Reader = {
  readonly text: (text: StoredText) => void;
  /** These receipts need no push any more. */
  readonly settled: (numbers: readonly number[]) => void;
};

/** What Magfa's ids of a file begin with, and the first number that it holds. */
export type Numbers = { readonly base: bigint; readonly first: number };

/** Reads a file back and goes on behind it; on disk is what `append` has resolved for. */
export async function openStore(
  path: string,
  otherwise: Numbers,
  reader: (numbers: Numbers) => Reader,
): Promise<Store> {
  let numbers: Numbers | undefined;
  let into: Reader | undefined;
  const onLine = (line: string) => {
    const [kind, ...fields] = line.split(",");
    if (kind === "b") {
      numbers = { base: BigInt(fields[0]!), first: Number(fields[1]) };
      into = reader(numbers);
    } else if (kind === "a") into?.text(fromFields(fields));
    else into?.settled(fields.map(Number));
  };
  const file = await openLineFile(path, { onLine, isSynced: true });
  const { base } = numbers ?? otherwise;
  if (numbers === undefined) {
    await file.write(head(otherwise));
    reader(otherwise);
  }
  return {
    append: (texts) => file.write(texts.map(toLine).join("")),
    settle: (settled) => file.add(`p,${settled.join(",")}\n`),
    clear: (first) => file.replace(head({ base, first })),
    [Symbol.asyncDispose]: () => file[Symbol.asyncDispose](),
  };
}

const head = ({ base, first }: Numbers) => `b,${base},${first}\n`;

function toLine({ n, uid, recipient, sender, atMs, status, dueMs }: StoredText): string {
  const fields = [n, uid ?? "", recipient, encodeURIComponent(sender), atMs, status, dueMs];
  return `a,${fields.join(",")}\n`;
}

function fromFields(fields: readonly string[]): StoredText {
  const [n, uid, recipient = "", sender = "", atMs, status, dueMs] = fields;
  return {
    n: Number(n),
    uid: uid === "" || uid === undefined ? undefined : BigInt(uid),
    recipient,
    sender: decodeURIComponent(sender),
    atMs: Number(atMs),
    status: Number(status),
    dueMs: Number(dueMs),
  };
}
