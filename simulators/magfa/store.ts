import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { createInterface } from "node:readline";

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

/** Reads a file back, without the line that a crash has cut, and goes on behind it. */
export async function openStore(
  path: string,
  otherwise: Numbers,
  reader: (numbers: Numbers) => Reader,
): Promise<Store> {
  const file = await open(path, "a+");
  const { numbers = otherwise, bytes } = await load(path, reader);
  await file.truncate(bytes); // half a line would spoil the next
  if (bytes === 0) {
    await file.appendFile(head(numbers));
    reader(numbers);
  }
  const writer = createWriter(file);
  const clear = (first: number) =>
    writer.exclusively(async () => {
      await file.truncate(0);
      await file.appendFile(head({ ...numbers, first }));
    });
  return {
    append: (texts) => writer.write(texts.map(toLine).join("")),
    settle: (settled) => void writer.add(`p,${settled.join(",")}\n`),
    clear,
    [Symbol.asyncDispose]: async () => {
      await writer.write("");
      await file.close();
    },
  };
}

type File = Awaited<ReturnType<typeof open>>;

/** Writes what has gathered since the last write, one write and one sync at a time. */
function createWriter(file: File) {
  let gathered = "";
  let next = Promise.resolve();
  let queued: Promise<void> | undefined;
  const add = (lines: string) => (gathered += lines);
  const exclusively = (work: () => Promise<void>) => {
    const done = next.then(work);
    next = done.catch(() => undefined);
    return done;
  };
  const flush = async () => {
    queued = undefined;
    const lines = gathered;
    gathered = "";
    await file.appendFile(lines);
    await file.datasync();
  };
  const write = (lines: string) => {
    add(lines);
    return (queued ??= exclusively(flush));
  };
  return { add, write, exclusively };
}

async function load(path: string, reader: (numbers: Numbers) => Reader) {
  let bytes = 0;
  let numbers: Numbers | undefined;
  let into: Reader | undefined;
  for await (const line of wholeLines(path)) {
    bytes += Buffer.byteLength(line) + 1;
    const [kind, ...fields] = line.split(",");
    if (kind === "b") {
      numbers = { base: BigInt(fields[0]!), first: Number(fields[1]) };
      into = reader(numbers);
    } else if (kind === "a") into?.text(fromFields(fields));
    else into?.settled(fields.map(Number));
  }
  return { ...(numbers && { numbers }), bytes };
}

/** The lines that end as lines do. */
async function* wholeLines(path: string): AsyncGenerator<string> {
  const lines = createInterface({ input: createReadStream(path), crlfDelay: Infinity });
  let last: string | undefined;
  for await (const line of lines) {
    if (last !== undefined) yield last;
    last = line;
  }
  if (last !== undefined && (await endsWhole(path))) yield last;
}

async function endsWhole(path: string): Promise<boolean> {
  await using file = await open(path);
  const { size } = await file.stat();
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1);
  return buffer.toString() === "\n";
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
