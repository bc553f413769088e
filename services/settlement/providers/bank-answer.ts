import { asFields, type Fields } from "#mesh/fields.ts";
import type { Answer } from "#mesh/http-caller.ts";
import { MAX_BANK_TEXT_LENGTH } from "#mesh/limits.ts";
import { toMinor } from "#mesh/money.ts";

/** What is kept of an answer for people: code, words, and the answer as it came. */
type Said = { readonly code: string; readonly text: string; readonly raw: string };

/** The entries of an answer by our reference, or what is known when there are none. */
export type Entries =
  | { readonly kind: "READ"; readonly of: (ref: string) => Fields | undefined }
  | (Said & { readonly kind: "NOT_SENT" | "NOT_PROCESSED" | "UNREADABLE" });

/**
 * Reads an answer with `results`. NOT_PROCESSED only where the bank says so, or where it can't have
 * looked at the call: who calls without a good key, or too often (settlement 2.2).
 */
export function readEntries(answer: Answer): Entries {
  if (answer.kind !== "ANSWERED") {
    const kind = answer.kind === "LOST" ? "UNREADABLE" : "NOT_SENT";
    return { kind, code: answer.code, text: "", raw: "" };
  }
  const { status, body } = answer;
  const fields = readFields(body);
  const isGood = status >= 200 && status < 300;
  const results = isGood ? fields?.["results"] : undefined;
  if (Array.isArray(results)) return { kind: "READ", of: finder(results) };
  const code = textOf(fields?.["code"]) || (isGood ? "UNREADABLE" : `HTTP_${status}`);
  const said = {
    code,
    text: textOf(fields?.["message"]),
    raw: body.slice(0, MAX_BANK_TEXT_LENGTH),
  };
  const isRefused = unlooked.has(status) || (!isGood && fields?.["status"] === "NOT_PROCESSED");
  return { kind: isRefused ? "NOT_PROCESSED" : "UNREADABLE", ...said };
}

/** What an entry says besides its status. */
export function saidIn(entry: Fields): Said {
  const raw = JSON.stringify(entry).slice(0, MAX_BANK_TEXT_LENGTH);
  return { code: textOf(entry["code"]), text: textOf(entry["message"]), raw };
}

/** What the bank calls a payment; "" when it says nothing that can be one. */
export function bankReferenceIn(entry: Fields): string {
  const reference = entry["bank_reference"];
  return typeof reference === "string" && /^[!-~]{1,128}$/.test(reference) ? reference : "";
}

/** The amount in minor units: undefined when there is none, "UNREADABLE" when it is no amount. */
export function amountIn(entry: Fields): bigint | "UNREADABLE" | undefined {
  const { amount } = entry;
  if (amount === undefined || amount === null) return undefined;
  return typeof amount === "string" && amounts.test(amount)
    ? toMinor(amount, RIAL_SCALE)
    : "UNREADABLE";
}

/** Reads the object that a text holds; undefined when it holds none. */
export function readFields(text: string): Fields | undefined {
  try {
    return asFields(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** A text of at most so many characters, which a database can hold; "" for anything else. */
function textOf(value: unknown): string {
  if (typeof value !== "string") return "";
  return value.slice(0, MAX_BANK_TEXT_LENGTH).toWellFormed().replaceAll("\0", "");
}

/** Banks are paid in rials, which have two decimals on the ledger. */
export const RIAL_SCALE = 2;
const amounts = /^(0|[1-9]\d{0,35})(\.\d{1,2})?$/;

/** Without a good key, not allowed, too often: statuses that come before a look at the body. */
const unlooked = new Set([401, 403, 429]);

/** Finds entries by reference; one that comes twice is none, since two answers are no answer. */
function finder(results: readonly unknown[]): (ref: string) => Fields | undefined {
  const byRef = new Map<unknown, Fields | undefined>();
  for (const result of results) {
    const entry = asFields(result);
    const ref = entry?.["reference"];
    byRef.set(ref, byRef.has(ref) ? undefined : entry);
  }
  return (ref) => byRef.get(ref);
}
