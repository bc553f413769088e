import { BITS_PER_FILTERED_ID, FILTER_BITS } from "#mesh/limits.ts";
import type { Id } from "../domain/account.ts";

/**
 * Remembers which ids have been used, in about ten bits each (a Bloom filter): it may take a new id
 * for a used one, never a used one for a new one. So a new id needs no look-up in the store (WR-3).
 */
export type IdFilter = {
  add(id: Id): void;
  /** Adds ids of 16 bytes each. */
  addAll(bytes: Uint8Array): void;
  /** False only for an id that was never added. */
  mayHave(id: Id): boolean;
};

/** Makes a filter for about so many ids; more of them cost look-ups, and nothing else. */
export function createIdFilter(expectedIds: number): IdFilter {
  const wanted = Math.ceil(Math.log2(expectedIds * BITS_PER_FILTERED_ID));
  const bitCount = 2 ** Math.min(FILTER_BITS.most, Math.max(FILTER_BITS.least, wanted));
  const words = new Uint32Array(bitCount / 32);
  const mask = bitCount - 1;
  const set = (first: number, step: number) => {
    for (let probe = 0, at = first; probe < PROBES; probe += 1, at += step) {
      words[(at & mask) >>> 5]! |= 1 << (at & 31);
    }
  };
  const isSet = (first: number, step: number) => {
    for (let probe = 0, at = first; probe < PROBES; probe += 1, at += step) {
      if ((words[(at & mask) >>> 5]! & (1 << (at & 31))) === 0) return false;
    }
    return true;
  };
  return {
    add: (id) => set(mix(wordOf(id, 0), wordOf(id, 16)), mix(wordOf(id, 8), wordOf(id, 24)) | 1),
    mayHave: (id) =>
      isSet(mix(wordOf(id, 0), wordOf(id, 16)), mix(wordOf(id, 8), wordOf(id, 24)) | 1),
    addAll(bytes) {
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      for (let at = 0; at < bytes.length; at += 16) {
        const [one, three] = [view.getUint32(at), view.getUint32(at + 8)];
        const [two, four] = [view.getUint32(at + 4), view.getUint32(at + 12)];
        set(mix(one, three), mix(two, four) | 1);
      }
    },
  };
}

/** With ten bits an id, seven are best; four come close and cost less. */
const PROBES = 4;

function wordOf(id: Id, digit: number): number {
  return Number.parseInt(id.slice(digit, digit + 8), 16);
}

/** Ids that somebody counts up must spread as well as random ones. */
function mix(one: number, other: number): number {
  const hashed = Math.imul(one ^ Math.imul(other, 0x85ebca6b), 0x9e3779b1);
  return Math.imul(hashed ^ (hashed >>> 15), 0xc2b2ae35) >>> 0;
}
