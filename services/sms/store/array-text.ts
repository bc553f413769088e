/**
 * Writes an array of PostgreSQL whose elements need no quotes: ids, numbers, words of enums. It is
 * several times faster than to have the driver look at each element.
 */
export function plainArray(elements: readonly (string | number | bigint)[]): string {
  return `{${elements.join(",")}}`;
}

/** Writes an array of texts, as a value of a column whose type is an array. */
export function textArray(elements: readonly string[]): string {
  if (elements.length === 0) return "{}";
  const written = special.test(elements.join(" ")) ? elements.map(escaped) : elements;
  return `{"${written.join('","')}"}`;
}

/** What means something between quotes. */
const special = /["\\]/;

function escaped(text: string): string {
  return text.replaceAll(/["\\]/g, String.raw`\$&`);
}
