import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { createInterface } from "node:readline";

/** A file that lines are added to, for what has to survive a crash. */
export type LineFile = AsyncDisposable & {
  /** Adds lines, each with its end, to the next write. A crash may lose them. */
  readonly add: (lines: string) => void;
  /** Is resolved when the lines, and all before them, are written; callers share one write. */
  readonly write: (lines: string) => Promise<void>;
  /** Puts other lines in the place of all. */
  readonly replace: (lines: string) => Promise<void>;
};

type Options = {
  /** Hears each line that the file has, in order. */
  readonly onLine: (line: string) => void;
  /** Whether a write reaches the disk, so that it survives a crash of the machine too. */
  readonly isSynced: boolean;
};

/** Reads a file back, without the line that a crash has cut, and goes on behind it. */
export async function openLineFile(path: string, { onLine, isSynced }: Options): Promise<LineFile> {
  const file = await open(path, "a+");
  let bytes = 0;
  for await (const line of wholeLines(path)) {
    bytes += Buffer.byteLength(line) + 1;
    onLine(line);
  }
  await file.truncate(bytes); // half a line would spoil the next
  const writer = createWriter(file, isSynced);
  const replace = (lines: string) =>
    writer.exclusively(async () => {
      await file.truncate(0);
      await file.appendFile(lines);
    });
  const close = async () => {
    await writer.write("");
    await file.close();
  };
  return { add: writer.add, write: writer.write, replace, [Symbol.asyncDispose]: close };
}

type File = Awaited<ReturnType<typeof open>>;

/** Writes what has gathered since the last write, one write at a time. */
function createWriter(file: File, isSynced: boolean) {
  let gathered = "";
  let next = Promise.resolve();
  let queued: Promise<void> | undefined;
  const add = (lines: string) => void (gathered += lines);
  const exclusively = (work: () => Promise<void>) => {
    const done = next.then(work);
    next = done.catch(() => undefined);
    return done;
  };
  const flush = async () => {
    queued = undefined;
    const lines = gathered;
    gathered = "";
    if (lines === "") return;
    await file.appendFile(lines);
    if (isSynced) await file.datasync();
  };
  const write = (lines: string) => {
    add(lines);
    return (queued ??= exclusively(flush));
  };
  return { add, write, exclusively };
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
