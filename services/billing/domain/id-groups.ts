import type { Id } from "./account.ts";

/**
 * Finds the places of ids in a list that never changes, in eight bytes a place beside the ids: a
 * Map of a million ids takes a second to fill and ten times the memory. Places count from 1.
 */
export type IdGroups = {
  /** The first place of an id; 0 when the list has not got it. */
  firstOf(id: Id): number;
  /** The next place of the same id; 0 when it was the last. */
  nextOf(place: number): number;
};

/** Makes the table of a list of ids, 16 bytes each. */
export function createIdGroups(bytes: Uint8Array): IdGroups {
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  const count = words.length / 4;
  const cells = new Int32Array(2 ** Math.ceil(Math.log2(2 * count + 2)));
  const next = new Int32Array(count + 1);
  for (let place = count; place > 0; place -= 1) {
    const cell = cellOf(words, place, { words, cells });
    next[place] = cells[cell]!;
    cells[cell] = place;
  }
  const wanted = new Uint8Array(16);
  const wantedWords = new Uint32Array(wanted.buffer);
  return {
    firstOf(id) {
      wanted.setFromHex(id);
      return cells[cellOf(wantedWords, 1, { words, cells })]!;
    },
    nextOf: (place) => next[place]!,
  };
}

type Table = {
  readonly words: Uint32Array;
  /** Each holds the first place of some id, or 0; half of them stay free, so that searches end. */
  readonly cells: Int32Array;
};

/** The cell of the id that stands at a place of a list: one that has it already, or a free one. */
function cellOf(list: Uint32Array, place: number, { words, cells }: Table): number {
  const at = (place - 1) * 4;
  const [one, two, three, four] = [list[at]!, list[at + 1]!, list[at + 2]!, list[at + 3]!];
  const mask = cells.length - 1;
  let cell = mix(one, two, three, four) & mask;
  for (let other = cells[cell]!; other !== 0; other = cells[cell]!) {
    const from = (other - 1) * 4;
    const isSame =
      words[from] === one &&
      words[from + 1] === two &&
      words[from + 2] === three &&
      words[from + 3] === four;
    if (isSame) break;
    cell = (cell + 1) & mask;
  }
  return cell;
}

/** Ids that somebody counts up must spread as well as random ones. */
function mix(one: number, two: number, three: number, four: number): number {
  const first = Math.imul(one ^ Math.imul(two, 0x85ebca6b), 0x9e3779b1);
  const other = Math.imul(three ^ Math.imul(four, 0xc2b2ae35), 0x27d4eb2f);
  const hashed = Math.imul(first ^ (first >>> 15) ^ other, 0x2c1b3c6d);
  return hashed ^ (hashed >>> 13);
}
