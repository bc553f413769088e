// Large columns of bytes: they come as text, of which base64 is two thirds of what hex digits are.

/** A column of bytes, or an expression of one, as it is selected to be read by `fromBase64`. */
export function base64(column: string): string {
  return `encode(${column}, 'base64')`;
}

/** The bytes of a column that was selected as base64; they begin where numbers of any size may. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.fromBase64(text);
}
