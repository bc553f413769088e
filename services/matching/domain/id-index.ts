import type { Archive } from "./archive.ts";
import type { Rows } from "./rows.ts";
import { isSameId } from "./words.ts";

/**
 * Finds the row that has an id of four words at a given place: open addressing, where those behind
 * move up when one is deleted, so that no marks stay.
 */
export class IdIndex {
  readonly #rows: Rows;
  readonly #place: number;
  /** Rows, or 0; a power of two of them, at most half of which are used. */
  cells: Int32Array<ArrayBuffer>;
  count = 0;

  constructor(rows: Rows, place: number, capacity = 64) {
    this.#rows = rows;
    this.#place = place;
    this.cells = new Int32Array(capacity);
  }

  /** The row with the id of four words of an array; 0 when there is none. */
  find(ids: Int32Array, at: number): number {
    const { cells } = this;
    const { words } = this.#rows;
    const mask = cells.length - 1;
    for (let cell = hashOf(ids, at) & mask; ; cell = (cell + 1) & mask) {
      const row = cells[cell]!;
      if (row === 0 || isSameId(words, row + this.#place, ids, at)) return row;
    }
  }

  /** Adds a row, whose id no other has. */
  add(row: number): void {
    if (++this.count * 2 > this.cells.length) this.#grow();
    this.#put(row);
  }

  /** Deletes a row that is there, while it still has its id. */
  delete(row: number): void {
    const { cells } = this;
    const { words } = this.#rows;
    const mask = cells.length - 1;
    let gap = hashOf(words, row + this.#place) & mask;
    while (cells[gap] !== row) gap = (gap + 1) & mask;
    for (let cell = (gap + 1) & mask; cells[cell] !== 0; cell = (cell + 1) & mask) {
      const home = hashOf(words, cells[cell]! + this.#place) & mask;
      const isAfterGap = ((cell - home) & mask) < ((cell - gap) & mask);
      if (isAfterGap) continue;
      cells[gap] = cells[cell]!;
      gap = cell;
    }
    cells[gap] = 0;
    this.count--;
  }

  /** Whether a row is found by its own id. */
  leadsTo(row: number): boolean {
    return this.find(this.#rows.words, row + this.#place) === row;
  }

  /** Stores or restores the index; its rows are stored by themselves. */
  archive(archive: Archive): void {
    this.count = archive.number(this.count);
    this.cells = archive.words(this.cells, this.cells.length);
  }

  #put(row: number): void {
    const { cells } = this;
    const mask = cells.length - 1;
    let cell = hashOf(this.#rows.words, row + this.#place) & mask;
    while (cells[cell] !== 0) cell = (cell + 1) & mask;
    cells[cell] = row;
  }

  #grow(): void {
    const rows = this.cells;
    this.cells = new Int32Array(rows.length * 2);
    for (const row of rows) if (row !== 0) this.#put(row);
  }
}

/** Numbers that follow one another, as of accounts and markets, must not end up side by side. */
function hashOf(ids: Int32Array, at: number): number {
  const mixed =
    Math.imul(ids[at]! ^ ids[at + 2]!, 0x9e3779b1) +
    Math.imul(ids[at + 1]! ^ ids[at + 3]!, 0x85ebca6b);
  const hash = Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d);
  return hash ^ (hash >>> 13);
}
