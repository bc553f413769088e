import { fromMinor } from "#mesh/money.ts";
import { type Book, type Line, SCALE } from "./book.ts";

/** Which lines of a statement: of a day in UTC, behind a line, so many at most. */
export type StatementQuery = {
  readonly date: string;
  readonly after?: string;
  /** 20,000 when it is not said, which one import takes. */
  readonly limit?: number;
};

/** Writes the lines of a day as CSV, in the order in which they were booked. */
export function statementOf(book: Book, query: StatementQuery): string {
  const { date, after, limit = USUAL_LINES } = query;
  const fromMs = Date.parse(`${date}T00:00:00Z`);
  const lines = book.lines().filter(({ atMs }) => atMs >= fromMs && atMs < fromMs + DAY_MS);
  const start = after === undefined ? 0 : lines.findIndex(({ id }) => id === after) + 1;
  return [HEAD, ...lines.slice(start, start + limit).map(toCsv)]
    .map((row) => `${row}\r\n`)
    .join("");
}

function toCsv({ id, direction, reference, amountMinor, atMs }: Line): string {
  const amount = fromMinor(amountMinor, SCALE);
  return [id, direction, quoted(reference), amount, "IRR", new Date(atMs).toISOString()].join(",");
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

const HEAD = "line_id,direction,reference,amount,asset,booked_at";
const DAY_MS = 24 * 3600 * 1000;
const USUAL_LINES = 20_000;
