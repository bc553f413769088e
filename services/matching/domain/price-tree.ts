import { strict as assert } from "node:assert";
import type { Archive } from "./archive.ts";
import type { Rows } from "./rows.ts";

/** A node has 32 children and a word that says which of them there are. */
export const NODE_WORDS = 34;
const BITS = 32;

/**
 * Levels by price: a tree in which each node takes five bits of the price, as high as the largest
 * price needs. Finding a level, or the next one above or below, is a few steps whatever the number
 * of levels and the distance between them, and only nodes with levels below them take memory. All
 * trees of a shard share their rows.
 */
export class PriceTree {
  readonly #nodes: Rows;
  root = 0;
  /** How many nodes there are from the root to a level, both ends included. */
  height = 0;

  constructor(nodes: Rows) {
    this.#nodes = nodes;
  }

  /** The level at a price; 0 when there is none. */
  find(price: number): number {
    if (this.#isTooHigh(price)) return 0;
    const { words } = this.#nodes;
    let node = this.root;
    for (let shift = 5 * (this.height - 1); shift >= 0 && node !== 0; shift -= 5) {
      node = words[node + ((price >> shift) & 31)]!;
    }
    return node;
  }

  /** Adds a level at a price that has none. */
  add(price: number, level: number): void {
    while (this.root === 0 || this.#isTooHigh(price)) this.#raise();
    let node = this.root;
    for (let shift = 5 * (this.height - 1); shift > 0; shift -= 5) {
      const slot = (price >> shift) & 31;
      node = this.#nodes.words[node + slot]! || this.#addNode(node, slot);
    }
    this.#set(node, price & 31, level);
  }

  /** Deletes the level at a price, and the nodes that have no other below them. */
  delete(price: number): void {
    const { words } = this.#nodes;
    let node = this.root;
    let last = node; // the lowest node that has another child
    let lastShift = 5 * (this.height - 1);
    for (let shift = lastShift; shift > 0; shift -= 5) {
      node = words[node + ((price >> shift) & 31)]!;
      const bits = words[node + BITS]!;
      if ((bits & (bits - 1)) === 0) continue;
      last = node;
      lastShift = shift - 5;
    }
    node = this.#clear(last, (price >> lastShift) & 31);
    for (let shift = lastShift - 5; shift >= 0; shift -= 5) {
      const below = this.#clear(node, (price >> shift) & 31);
      this.#nodes.give(node);
      node = below;
    }
  }

  /** The level at the lowest price above a price; 0 when there is none. */
  above(price: number): number {
    if (this.#isTooHigh(price)) return 0;
    const { words } = this.#nodes;
    let node = this.root;
    let found = 0;
    let foundShift = 0;
    for (let shift = 5 * (this.height - 1); shift >= 0 && node !== 0; shift -= 5) {
      const slot = (price >> shift) & 31;
      const higher = words[node + BITS]! & (-2 << slot);
      if (higher !== 0) {
        found = words[node + lowest(higher)]!;
        foundShift = shift;
      }
      node = words[node + slot]!;
    }
    for (; foundShift > 0; foundShift -= 5) found = words[found + lowest(words[found + BITS]!)]!;
    return found;
  }

  /** The level at the highest price below a price; 0 when there is none. */
  below(price: number): number {
    const { words } = this.#nodes;
    const from = this.#isTooHigh(price) ? 2 ** (5 * this.height) - 1 : price - 1;
    let node = this.root;
    let found = 0;
    let foundShift = 0;
    for (let shift = 5 * (this.height - 1); shift >= 0 && node !== 0; shift -= 5) {
      const slot = (from >> shift) & 31;
      const bits = words[node + BITS]!;
      const lower = shift === 0 ? bits & ~(-2 << slot) : bits & ~(-1 << slot);
      if (lower !== 0) {
        found = words[node + highest(lower)]!;
        foundShift = shift;
      }
      node = words[node + slot]!;
    }
    for (; foundShift > 0; foundShift -= 5) found = words[found + highest(words[found + BITS]!)]!;
    return found;
  }

  /** How many nodes there are; throws when one but the root has nothing below it. */
  countNodes(): number {
    return this.root === 0 ? 0 : this.#countBelow(this.root, this.height);
  }

  #countBelow(node: number, height: number): number {
    const { words } = this.#nodes;
    let nodes = 1;
    for (let slot = 0; slot < BITS; slot++) {
      const child = words[node + slot]!;
      const isSet = (words[node + BITS]! & (1 << slot)) !== 0;
      assert.equal(child !== 0, isSet, "a node knows its children");
      if (child !== 0 && height > 1) nodes += this.#countBelow(child, height - 1);
    }
    assert(node === this.root || words[node + BITS] !== 0, "a node has a child");
    return nodes;
  }

  /** Stores or restores the tree; its nodes are stored with all others. */
  archive(archive: Archive): void {
    this.root = archive.number(this.root);
    this.height = archive.number(this.height);
  }

  #isTooHigh(price: number): boolean {
    return this.height < 7 && price >> (5 * this.height) !== 0;
  }

  /** Makes room for 32 times higher prices. */
  #raise(): void {
    const below = this.root;
    this.height++;
    const isEmpty = below === 0 || this.#nodes.words[below + BITS] === 0;
    if (below !== 0 && isEmpty) return;
    this.root = this.#takeNode();
    if (below !== 0) this.#set(this.root, 0, below);
  }

  #addNode(parent: number, slot: number): number {
    const node = this.#takeNode();
    this.#set(parent, slot, node);
    return node;
  }

  /** A node without children: `clear` leaves none, but for where the free ones are linked. */
  #takeNode(): number {
    const node = this.#nodes.take();
    this.#nodes.words[node] = 0;
    return node;
  }

  #set(node: number, slot: number, child: number): void {
    const { words } = this.#nodes;
    words[node + slot] = child;
    words[node + BITS]! |= 1 << slot;
  }

  #clear(node: number, slot: number): number {
    const { words } = this.#nodes;
    const child = words[node + slot]!;
    words[node + slot] = 0;
    words[node + BITS]! &= ~(1 << slot);
    return child;
  }
}

function lowest(bits: number): number {
  return 31 - Math.clz32(bits & -bits);
}

function highest(bits: number): number {
  return 31 - Math.clz32(bits);
}
