import { toMinor } from "#mesh/money.ts";
import { fail } from "../errors.ts";
import { currency } from "./currency.ts";
import { type CsvRecord, readCsv } from "./read-csv.ts";

/** One line of a provider's statement. */
export type StatementLine = {
  /** Where it begins in the text, as the number of a line from 1. */
  readonly line: number;
  /** The provider's name for the line, which no other line of the provider has. */
  readonly id: string;
  /** Whether money came in. */
  readonly isIncoming: boolean;
  /** What was said beside the payment: our reference, for one that we have made. */
  readonly reference: string;
  readonly amountMinor: bigint;
  /** When it was booked, in milliseconds since 1970. */
  readonly bookedAtMs: number;
};

/**
 * Reads the lines of the statement of a day, such as "2026-01-31" in UTC, one after the other.
 * Throws INVALID_STATEMENT with the line of the text that is wrong; what was read before counts
 * for nothing then.
 */
export function* readStatement(csv: string, day: string): Generator<StatementLine> {
  const startMs = dayStartMs(day);
  const records = recordsOf(csv);
  const first = records.next();
  const isHeader = first.done !== true && first.value.fields.join(",") === HEADER;
  if (!isHeader) throw invalid(1, `the header has to be ${HEADER}`);
  for (const record of records) yield toLine(record, startMs);
}

/** The first moment of a day in UTC, in milliseconds since 1970. Throws INVALID_STATEMENT. */
export function dayStartMs(day: string): number {
  const startMs = Date.parse(`${day}T00:00:00Z`);
  const isDay = !Number.isNaN(startMs) && new Date(startMs).toISOString().startsWith(day);
  if (!isDay) throw invalid(0, `${day} is no day`);
  return startMs;
}

/** How long a day is, in milliseconds: in UTC all are the same. */
const DAY_MS = 24 * 3600 * 1000;

function* recordsOf(csv: string): Generator<CsvRecord> {
  try {
    yield* readCsv(csv);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const [, line = 0, problem = ""] = /^line (\d+): (.*)$/.exec(error.message) ?? [];
    throw invalid(Number(line), problem);
  }
}

function toLine({ line, fields }: CsvRecord, startMs: number): StatementLine {
  const [id = "", direction, reference = "", amount = "", asset = "", booked = ""] = fields;
  const bookedAtMs = time.test(booked) ? Date.parse(booked) : Number.NaN;
  const isOfDay = bookedAtMs >= startMs && bookedAtMs < startMs + DAY_MS;
  const amountMinor = minorOf(amount);
  if (fields.length !== COLUMNS) throw invalid(line, `it has ${fields.length} fields, not 6`);
  if (!name.test(id)) throw invalid(line, "line_id has to be 1 to 64 visible ASCII characters");
  if (direction !== "out" && direction !== "in") throw invalid(line, "direction is out or in");
  if (!isText(reference)) throw invalid(line, "reference has to be at most 140 characters");
  if (amountMinor === undefined) throw invalid(line, "amount is a plain decimal above 0");
  if (asset !== currency.asset) throw invalid(line, `asset has to be ${currency.asset}`);
  if (!isOfDay)
    throw invalid(line, "booked_at is a time of the statement's day, as RFC 3339 has it");
  return { line, id, isIncoming: direction === "in", reference, amountMinor, bookedAtMs };
}

function minorOf(amount: string): bigint | undefined {
  const match = plain.exec(amount);
  if (match === null) return undefined;
  const minor = toMinor(amount, currency.scale);
  return minor > 0n ? minor : undefined;
}

function isText(text: string): boolean {
  return printable.test(text) && text.isWellFormed();
}

const HEADER = "line_id,direction,reference,amount,asset,booked_at";
const COLUMNS = 6;

const name = /^[!-~]{1,64}$/;
const printable = /^\P{Cc}{0,140}$/u;
/** At most 30 digits before the point, so that every amount fits into what the ledger counts. */
const plain = /^(0|[1-9]\d{0,29})(\.\d{1,2})?$/;
const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/;

function invalid(line: number, problem: string) {
  return fail("INVALID_STATEMENT", { line, problem });
}
