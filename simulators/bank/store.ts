import { type LineFile, openLineFile } from "../line-file.ts";
import {
  type Book,
  createBook,
  type Line,
  type Payment,
  paymentLine,
  type Status,
} from "./book.ts";
import { type Script, smooth } from "./script.ts";

/**
 * A book that is written down. What a promise of `written` has resolved for survives the end of the
 * process, and nothing of a payment is told to anybody before.
 */
export type Store = AsyncDisposable & {
  readonly book: () => Book;
  readonly add: (payment: Payment) => void;
  readonly setStatus: (payment: Payment, status: Status, atMs: number) => void;
  readonly addLine: (line: Omit<Line, "id">) => void;
  readonly setBalance: (minor: bigint) => void;
  readonly written: () => Promise<void>;
  /** Forgets everything but the numbers that were given. */
  readonly clear: () => Promise<void>;
};

/** Opens what an earlier run has left in a file; without one everything is in memory alone. */
export async function openStore(path: string | undefined): Promise<Store> {
  let book: Book | undefined;
  const onLine = (line: string) => {
    const [kind, ...fields] = JSON.parse(line) as [string, ...unknown[]];
    if (kind === "b")
      book = createBook({ base: BigInt(String(fields[0])), first: Number(fields[1]) });
    else if (book !== undefined) replay(book, kind, fields);
  };
  const file =
    path === undefined ? undefined : await openLineFile(path, { onLine, isSynced: false });
  // Beyond 2^53, as ids of 64 bits may be, and above those of any run that is long over.
  const base = BigInt(Date.now()) * 1_000_000n;
  let current = book ?? createBook({ base, first: 0 });
  if (book === undefined) await file?.write(head(current));
  const log = logTo(file);
  return {
    book: () => current,
    add: (payment) => {
      current.add(payment);
      file?.add(paymentLine(payment));
    },
    setStatus: (payment, status, atMs) => {
      current.setStatus(payment, status, atMs);
      log("s", payment.n, status, atMs);
    },
    addLine: (line) => {
      current.addLine(line);
      log("x", line.direction, line.reference, String(line.amountMinor), line.atMs);
    },
    setBalance: (minor) => {
      current.setBalance(minor);
      log("v", String(minor));
    },
    written: async () => file?.write(""),
    clear: async () => {
      current = createBook({ base: current.base, first: current.nextNumber() });
      await file?.replace(head(current));
    },
    [Symbol.asyncDispose]: async () => file?.[Symbol.asyncDispose](),
  };
}

function logTo(file: LineFile | undefined) {
  return (...fields: readonly unknown[]) => file?.add(`${JSON.stringify(fields)}\n`);
}

function head(book: Book): string {
  return `${JSON.stringify(["b", String(book.base), book.nextNumber()])}\n`;
}

/** Does again what a line tells. */
function replay(book: Book, kind: string, fields: readonly unknown[]): void {
  if (kind === "p") return book.add(toPayment(fields));
  if (kind === "v") return void book.setBalance(BigInt(String(fields[0])));
  if (kind === "x") {
    const [direction, reference, amount, atMs] = fields as [
      Line["direction"],
      string,
      string,
      number,
    ];
    return book.addLine({ direction, reference, amountMinor: BigInt(amount), atMs });
  }
  const [n, status, atMs] = fields as [number, Status, number];
  const payment = book.at(n);
  if (payment !== undefined) book.setStatus(payment, status, atMs);
}

function toPayment(fields: readonly unknown[]): Payment {
  const [n, reference, account, asset, description, amount, ...rest] = fields as Texts;
  const [atMs, status, code, fault, script] = rest as unknown as Rest;
  return {
    n: Number(n),
    reference,
    account,
    asset,
    description,
    amountMinor: BigInt(amount),
    atMs,
    status,
    code,
    fault,
    script: Object.keys(script).length === 0 ? smooth : { ...smooth, ...script },
    submits: 1,
  };
}

type Texts = readonly [string, string, string, string, string, string, ...string[]];
type Rest = readonly [number, Status, string, Payment["fault"], Partial<Script>];
