/** A column of rows as PostgreSQL reads arrays, of cells that need no quotes: numbers, ids, words. */
export function toArray<R>(rows: readonly R[], read: (row: R) => string | number | bigint): string {
  let text = "{";
  for (const row of rows) text += text === "{" ? read(row) : `,${read(row)}`;
  return `${text}}`;
}

/** A column of rows of any text. */
export function toTextArray<R>(rows: readonly R[], read: (row: R) => string): string {
  return toArray(rows, (row) => `"${read(row).replaceAll(special, "\\$&")}"`);
}

/** A column of rows of bytes as hex digits. */
export function toBytesArray<R>(rows: readonly R[], read: (row: R) => string): string {
  return toArray(rows, (row) => `"\\\\x${read(row)}"`);
}

const special = /["\\]/g;
