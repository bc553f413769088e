import { types, type CustomTypesConfig } from "pg";

/**
 * Reads bigint columns as numbers and whole numeric columns as bigints, on the connections that
 * ask for it alone. A bigint beyond 2^53 throws rather than lose its last digits (L15).
 */
export const columnTypes: CustomTypesConfig = {
  getTypeParser: (oid, format) => {
    if (format === "binary") return types.getTypeParser(oid, format);
    return parsers.get(oid) ?? types.getTypeParser(oid, format);
  },
};

const parsers = new Map<number, (text: string) => unknown>([
  [types.builtins.INT8, toSafeNumber],
  [types.builtins.NUMERIC, (text) => (text.includes(".") ? text : BigInt(text))],
]);

function toSafeNumber(text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number)) throw new RangeError(`${text} is beyond 2^53`);
  return number;
}
