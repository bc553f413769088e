import type { OrderTexts } from "./submission.ts";

/** The texts of a batch by the places of their commands. */
export type BatchTexts = ReadonlyMap<number, OrderTexts>;

/** Writes the texts of a batch; no bytes for none. */
export function encodeTexts(texts: BatchTexts): Uint8Array {
  if (texts.size === 0) return nothing;
  return new TextEncoder().encode(JSON.stringify([...texts]));
}

/** Reads the texts of a batch. */
export function decodeTexts(bytes: Uint8Array): BatchTexts {
  if (bytes.length === 0) return none;
  return new Map(JSON.parse(new TextDecoder().decode(bytes)) as [number, OrderTexts][]);
}

const nothing = new Uint8Array(0);
const none: BatchTexts = new Map();
