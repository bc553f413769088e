import { asFields, type Fields } from "#mesh/fields.ts";

/**
 * Reads JSON with every number as it was written, since Magfa's ids have 64 bits and prices have
 * decimals. Undefined when the text is no JSON object.
 */
export function readObject(text: string): Fields | undefined {
  try {
    return asFields(parse(text, asWritten));
  } catch {
    return undefined;
  }
}

/** A code such as 0, 14 or -1. */
export function asCode(value: unknown): string | undefined {
  return typeof value === "string" && /^-?\d{1,4}$/.test(value) ? value : undefined;
}

/** An id of up to 64 bits in the one form that is stored: decimal, without leading zeros (M2). */
export function asId(value: unknown): string | undefined {
  if (typeof value !== "string" || !/^\d{1,20}$/.test(value)) return undefined;
  return value.replace(/^0+(?=\d)/, "");
}

type Reviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown;

/** TypeScript does not know the third argument of a reviver yet. */
const parse = JSON.parse as (text: string, reviver: Reviver) => unknown;

const asWritten: Reviver = (_key, value, { source }) =>
  typeof value === "number" ? source : value;
