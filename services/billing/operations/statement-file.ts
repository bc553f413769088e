import { uuidOf } from "#mesh/ids.ts";
import { fromMinor } from "#mesh/money.ts";
import type { Asset } from "../domain/asset.ts";
import type { Entry } from "../domain/wallet.ts";

/** How a statement is written as a file. */
export type FileFormat = "csv" | "json";

/** What comes before the entries: the names of the columns. Lines of JSON have theirs in each. */
export function fileHead(format: FileFormat): string {
  return format === "csv" ? `${columns.join()}\r\n` : "";
}

/** Writes entries of an asset as lines: CSV as of RFC 4180, or an object of JSON for each. */
export function fileLines(format: FileFormat, asset: Asset, entries: readonly Entry[]): string {
  const lines = entries.map((entry) => {
    const fields = toFields(entry, asset);
    return format === "csv" ? toCsv(fields) : `${JSON.stringify(fields)}\n`;
  });
  return lines.join("");
}

const columns = [
  "id",
  "create_time",
  "type",
  "side",
  "asset",
  "amount",
  "available_after",
  "held_after",
  "total_after",
  "reference",
] as const;

type Fields = Readonly<Record<(typeof columns)[number], string>>;

function toFields(entry: Entry, { code, scale }: Asset): Fields {
  const { availableMinor, heldMinor } = entry.balance;
  return {
    id: uuidOf(entry.id),
    create_time: toTimeText(entry.atUs),
    type: entry.type.toUpperCase(),
    side: entry.side.toUpperCase(),
    asset: code,
    amount: fromMinor(entry.amountMinor, scale),
    available_after: fromMinor(availableMinor, scale),
    held_after: fromMinor(heldMinor, scale),
    total_after: fromMinor(availableMinor + heldMinor, scale),
    reference: entry.reference,
  };
}

/** A time of RFC 3339 with all its microseconds. */
function toTimeText(atUs: number): string {
  const toMs = new Date(Math.floor(atUs / 1000)).toISOString().slice(0, -1);
  return `${toMs}${String(atUs % 1000).padStart(3, "0")}Z`;
}

/** The reference alone is written by people; all else needs no quotes. */
function toCsv(fields: Fields): string {
  const cells = columns.map((name) => (name === "reference" ? toCell(fields[name]) : fields[name]));
  return `${cells.join()}\r\n`;
}

/**
 * A text of somebody else's must not become a formula in the reader's spreadsheet: one that begins
 * like a formula gets an apostrophe, which spreadsheets take for "this is a text".
 */
function toCell(text: string): string {
  const guarded = /^[=+\-@＝＋－＠\t\r\n]/u.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded;
}
