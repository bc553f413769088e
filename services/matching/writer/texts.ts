import type { OrderTexts } from "./submission.ts";

/** The texts of a batch by the places of their commands. */
export type BatchTexts = ReadonlyMap<number, OrderTexts>;

/** Writes the texts of a batch; no bytes for none. */
export function encodeTexts(texts: BatchTexts): Uint8Array {
  if (texts.size === 0) return nothing;
  const rows = [...texts].map(([place, { extraHoldMinor, ...rest }]) => {
    const extra = extraHoldMinor === undefined ? {} : { extraHoldMinor: String(extraHoldMinor) };
    return [place, { ...rest, ...extra }];
  });
  return new TextEncoder().encode(JSON.stringify(rows));
}

/** Reads the texts of a batch. */
export function decodeTexts(bytes: Uint8Array): BatchTexts {
  if (bytes.length === 0) return none;
  const rows = JSON.parse(new TextDecoder().decode(bytes)) as [number, StoredTexts][];
  return new Map(
    rows.map(([place, { extraHoldMinor, ...rest }]) => {
      const extra = extraHoldMinor === undefined ? {} : { extraHoldMinor: BigInt(extraHoldMinor) };
      return [place, { ...rest, ...extra }];
    }),
  );
}

type StoredTexts = Omit<OrderTexts, "extraHoldMinor"> & { readonly extraHoldMinor?: string };

const nothing = new Uint8Array(0);
const none: BatchTexts = new Map();
