import * as extraWords from "./extras.ts";
import * as factWords from "./facts.ts";
import * as orderWords from "./orders.ts";
import type { Shard } from "./shard.ts";
import { BUY, sideOf } from "./terms.ts";

const { SIBLING } = extraWords;
const { RELEASES, RESERVE, TERMS } = factWords;
const { EXTRA, HAS_SIBLING } = orderWords;

/** The other leg of an OCO while both are live; else 0. */
export function siblingOf(shard: Shard, order: number): number {
  const { words } = shard.orders;
  if ((words[order + TERMS]! & HAS_SIBLING) === 0) return 0;
  return shard.extras.words[words[order + EXTRA]! + SIBLING]!;
}

/** Counts a release of an order's hold; the legs of an OCO count together, since they have one. */
export function countRelease(shard: Shard, order: number): void {
  const { words } = shard.orders;
  const sibling = siblingOf(shard, order);
  if (sibling === 0) {
    words[order + RELEASES]!++;
    return;
  }
  const releases = Math.max(words[order + RELEASES]!, words[sibling + RELEASES]!) + 1;
  words[order + RELEASES] = releases;
  words[sibling + RELEASES] = releases;
}

/** The reserve price of the leg that goes on needing the hold; 1 of a sell; 0 without one. */
export function reserveOfSibling(shard: Shard, order: number): number {
  const sibling = siblingOf(shard, order);
  if (sibling === 0) return 0;
  const { words } = shard.orders;
  return sideOf(words[sibling + TERMS]!) === BUY ? words[sibling + RESERVE]! : 1;
}
