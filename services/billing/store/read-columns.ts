import type { Connection } from "#mesh/database/connection.ts";
import { READ_CHUNK_ROWS } from "#mesh/limits.ts";

/** A stretch of the transfers in the order of their times, in microseconds since 1970. */
export type Span = {
  /** They come after this time. */
  readonly afterUs: number;
  /** None is later than this. */
  readonly untilUs?: number;
  /** How many at most, when not the usual number. */
  readonly limit?: number;
};

/** Some transfers, as texts. */
export type Chunk<T> = T & {
  readonly count: number;
  /** The time of the last one, after which the next chunk begins; that of the span if none. */
  readonly lastUs: number;
};

/**
 * All that is stored of a transfer, `t` with its reference `r`, in the order of its line. What is
 * new to a transfer goes to the end of the line, and only where it is there (`code=…`), so that the
 * lines of old transfers stay as they were sealed.
 */
const cells = {
  seq: "t.seq",
  at_us: "t.at_us",
  id: "t.id",
  kind: "t.kind",
  ledger: "t.ledger",
  code: "t.code",
  flags: "t.flags",
  debit_slot: "t.debit_slot",
  credit_slot: "t.credit_slot",
  amount: "t.amount",
  pending_at_us: "t.pending_at_us",
  reverts_at_us: "t.reverts_at_us",
  timeout_seconds: "t.timeout_seconds",
  user_data: "t.user_data",
  debit_version: "t.debit_version",
  debit_pending_after: "t.debit_pending_after",
  debit_posted_after: "t.debit_posted_after",
  credit_version: "t.credit_version",
  credit_pending_after: "t.credit_pending_after",
  credit_posted_after: "t.credit_posted_after",
  reference: "'x' || encode(convert_to(r.reference, 'UTF8'), 'hex')",
} as const;

/** A column of the transfers. */
export type TransferColumn = keyof typeof cells;

/**
 * Reads some columns of transfers, each as one text: numbers in digits, ids as UUIDs, references as
 * x and the hex digits of their UTF-8, with commas in between; a null is empty. Each column takes
 * 0.15 µs a row of the server.
 */
export async function readColumns<C extends TransferColumn>(
  connection: Connection,
  span: Span,
  columns: readonly C[],
): Promise<Chunk<{ readonly columns: Readonly<Record<C, string>> }>> {
  const texts = columns.map((name) => {
    return `string_agg(coalesce((${cells[name]})::text, ''), ',' order by t.at_us) as ${name}`;
  });
  const { count, lastUs, row } = await read(connection, span, texts.join());
  const found = columns.map((name) => [name, row[name] ?? ""] as const);
  return { count, lastUs, columns: Object.fromEntries(found) as Record<C, string> };
}

/**
 * Reads transfers as lines, all columns of each with spaces in between, "-" for a null. That is how
 * they are sealed. A line takes 2.5 µs of the server and 0.1 µs here.
 */
export async function readLines(
  connection: Connection,
  span: Span,
): Promise<Chunk<{ readonly lines: readonly string[] }>> {
  const { count, lastUs, row } = await read(connection, span, line);
  return { count, lastUs, lines: count === 0 ? [] : row["lines"]!.split("\n") };
}

const nullable = new Set<string>(["pending_at_us", "reverts_at_us", "reference"]);
const lineCells = Object.entries(cells).map(([name, cell]) => {
  return nullable.has(name) ? `coalesce((${cell})::text, '-')` : cell;
});
const line = `string_agg(concat_ws(' ', ${lineCells.join()}), E'\\n' order by t.at_us) as lines`;

/** Both sides are bounded, so that no plan of the server reads more than the chunk. */
async function read(
  connection: Connection,
  { afterUs, untilUs = Number.MAX_SAFE_INTEGER, limit = READ_CHUNK_ROWS }: Span,
  texts: string,
) {
  const [row] = await connection.query<Texts & { count: number; last_us: number | null }>(
    `select count(*) as count, max(t.at_us) as last_us, ${texts}
      from (select * from transfer
        where at_us > $1 and at_us <= $2 order by at_us limit $3) t
      left join (select * from transfer_reference
        where at_us > $1 and at_us <= $2 order by at_us limit $3) r using (at_us)`,
    [afterUs, untilUs, limit],
  );
  return { count: row!.count, lastUs: row!.last_us ?? afterUs, row: row! as Texts };
}

type Texts = { readonly [column: string]: string | null };
