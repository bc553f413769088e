import { strict as assert } from "node:assert";
import type { IdIndex } from "./id-index.ts";
import type { Rows } from "./rows.ts";

/** Throws unless so many rows are in use, and all others are free. */
export function validateRows(rows: Rows, used: number): void {
  let free = 0;
  for (let row = rows.free; row !== 0; row = rows.words[row]!) free++;
  assert.equal(rows.count, used, "rows in use are counted");
  assert.equal(used + free + 1, rows.top / rows.stride, "a row is in use or free");
}

/** Throws unless an index has so many rows and leads to each of them. */
export function validateIndex(index: IdIndex, count: number): void {
  const rows = index.cells.filter((row) => row !== 0);
  assert.equal(index.count, count, "an index counts its rows");
  assert.equal(rows.length, count, "an index has its rows once");
  for (const row of rows) assert(index.leadsTo(row), "a row is found by its id");
}
