import { strict as assert } from "node:assert";
import type { Archive } from "./archive.ts";
import type { Rows } from "./rows.ts";

// A node has 256 children, eight words whose bits say which of them there are, and a word whose bits
// say which of those have any.
const CHILDREN = 256;
const BITS = CHILDREN;
const SUMMARY = BITS + CHILDREN / 32;
export const NODE_WORDS = SUMMARY + 2;
const SHIFT = 8;

/**
 * Levels by price: a tree in which each node takes eight bits of the price, as high as the largest
 * price needs. Finding a level, or the next one above or below, is a few steps whatever the number
 * of levels and the distance between them, and only nodes with levels below them take memory. All
 * trees of a shard share their rows.
 */
export class PriceTree {
  readonly #nodes: Rows;
  #root = 0;
  /** How far the bits of the root's children are up; those of the lowest nodes are at 0. */
  #rootShift = -SHIFT;

  constructor(nodes: Rows) {
    this.#nodes = nodes;
  }

  /** The level at a price; 0 when there is none. */
  find(price: number): number {
    if (price >>> this.#rootShift >= CHILDREN || this.#root === 0) return 0;
    const { words } = this.#nodes;
    let node = this.#root;
    for (let shift = this.#rootShift; shift > 0 && node !== 0; shift -= SHIFT) {
      node = words[node + ((price >>> shift) & 255)]!;
    }
    return node === 0 ? 0 : words[node + (price & 255)]!;
  }

  /** The lowest node on the way to a price, which is made where there is none. */
  reach(price: number): number {
    while (this.#root === 0 || price >>> this.#rootShift >= CHILDREN) this.#raise();
    let node = this.#root;
    for (let shift = this.#rootShift; shift > 0; shift -= SHIFT) {
      const slot = (price >>> shift) & 255;
      node = this.#nodes.words[node + slot]! || this.#addNode(node, slot);
    }
    return node;
  }

  /** The level at a price in its lowest node; 0 when there is none. */
  levelIn(node: number, price: number): number {
    return this.#nodes.words[node + (price & 255)]!;
  }

  /** Adds a level at a price to its lowest node, which has none there. */
  add(node: number, price: number, level: number): void {
    this.#set(node, price & 255, level);
  }

  /** Deletes the level at a price from its lowest node, and nodes that have nothing left. */
  delete(node: number, price: number): void {
    this.#clear(node, price & 255);
    let emptied = this.#isEmptied(node) ? node : 0;
    while (emptied !== 0) {
      const parent = this.#deleteNode(price, emptied);
      this.#nodes.give(emptied);
      emptied = this.#isEmptied(parent) ? parent : 0;
    }
  }

  /** The level at the lowest price above a price; 0 when there is none. */
  above(price: number): number {
    if (price >>> this.#rootShift >= CHILDREN) return 0;
    const { words } = this.#nodes;
    let node = this.#root;
    let found = 0;
    let foundShift = 0;
    for (let shift = this.#rootShift; shift >= 0 && node !== 0; shift -= SHIFT) {
      const slot = (price >>> shift) & 255;
      const next = slotAbove(words, node, slot);
      if (next !== NONE) {
        found = words[node + next]!;
        foundShift = shift;
      }
      node = words[node + slot]!;
    }
    for (; foundShift > 0; foundShift -= SHIFT) found = words[found + firstSlot(words, found)]!;
    return found;
  }

  /** The level at the highest price below a price; 0 when there is none. */
  below(price: number): number {
    const { words } = this.#nodes;
    let node = this.#root;
    let found = 0;
    let foundShift = 0;
    const isAll = price >>> this.#rootShift >= CHILDREN;
    for (let shift = this.#rootShift; shift >= 0 && node !== 0; shift -= SHIFT) {
      const slot = isAll ? CHILDREN : (price >>> shift) & 255;
      const next = slotBelow(words, node, slot);
      if (next !== NONE) {
        found = words[node + next]!;
        foundShift = shift;
      }
      node = isAll ? 0 : words[node + slot]!;
    }
    for (; foundShift > 0; foundShift -= SHIFT) found = words[found + lastSlot(words, found)]!;
    return found;
  }

  /** How many nodes there are; throws where one does not know its children. */
  countNodes(): number {
    return this.#root === 0 ? 0 : this.#countBelow(this.#root, this.#rootShift);
  }

  /** Stores or restores the tree; its nodes are stored with all others. */
  archive(archive: Archive): void {
    this.#root = archive.number(this.#root);
    this.#rootShift = archive.number(this.#rootShift);
  }

  #isEmptied(node: number): boolean {
    return this.#nodes.words[node + SUMMARY] === 0 && node !== this.#root;
  }

  /** Deletes a node on the way to a price from its parent, which it returns. */
  #deleteNode(price: number, child: number): number {
    const { words } = this.#nodes;
    let node = this.#root;
    let shift = this.#rootShift;
    for (; words[node + ((price >>> shift) & 255)] !== child; shift -= SHIFT) {
      node = words[node + ((price >>> shift) & 255)]!;
    }
    this.#clear(node, (price >>> shift) & 255);
    return node;
  }

  #countBelow(node: number, shift: number): number {
    const { words } = this.#nodes;
    let nodes = 1;
    for (let slot = 0; slot < CHILDREN; slot++) {
      const child = words[node + slot]!;
      const bits = words[node + BITS + (slot >> 5)]!;
      assert.equal(child !== 0, (bits & (1 << (slot & 31))) !== 0, "a node knows its children");
      if (child !== 0 && shift > 0) nodes += this.#countBelow(child, shift - SHIFT);
    }
    for (let word = 0; word < CHILDREN / 32; word++) {
      const isSummed = (words[node + SUMMARY]! & (1 << word)) !== 0;
      assert.equal(words[node + BITS + word] !== 0, isSummed, "a node knows where they are");
    }
    assert(node === this.#root || words[node + SUMMARY] !== 0, "a node has a child");
    return nodes;
  }

  /** Makes room for 256 times higher prices. */
  #raise(): void {
    const below = this.#root;
    this.#rootShift += SHIFT;
    const isEmpty = below === 0 || this.#nodes.words[below + SUMMARY] === 0;
    if (below !== 0 && isEmpty) return;
    this.#root = this.#takeNode();
    if (below !== 0) this.#set(this.#root, 0, below);
  }

  #addNode(parent: number, slot: number): number {
    const node = this.#takeNode();
    this.#set(parent, slot, node);
    return node;
  }

  /** A node without children, as `#clear` leaves one, but for where the free ones are linked. */
  #takeNode(): number {
    const node = this.#nodes.take();
    this.#nodes.words[node] = 0;
    return node;
  }

  #set(node: number, slot: number, child: number): void {
    const { words } = this.#nodes;
    const word = slot >> 5;
    words[node + slot] = child;
    words[node + BITS + word]! |= 1 << (slot & 31);
    words[node + SUMMARY]! |= 1 << word;
  }

  #clear(node: number, slot: number): void {
    const { words } = this.#nodes;
    const word = slot >> 5;
    words[node + slot] = 0;
    const bits = words[node + BITS + word]! & ~(1 << (slot & 31));
    words[node + BITS + word] = bits;
    if (bits === 0) words[node + SUMMARY]! &= ~(1 << word);
  }
}

const NONE = -1;

/** The first child behind a slot. */
function slotAbove(words: Int32Array, node: number, slot: number): number {
  const word = slot >> 5;
  const bits = words[node + BITS + word]! & (-2 << (slot & 31));
  if (bits !== 0) return (word << 5) + lowest(bits);
  const summary = words[node + SUMMARY]! & (-2 << word);
  if (summary === 0) return NONE;
  const next = lowest(summary);
  return (next << 5) + lowest(words[node + BITS + next]!);
}

/** The last child before a slot, which may be behind all. */
function slotBelow(words: Int32Array, node: number, slot: number): number {
  const word = slot >> 5;
  const bits = slot === CHILDREN ? 0 : words[node + BITS + word]! & ~(-1 << (slot & 31));
  if (bits !== 0) return (word << 5) + highest(bits);
  const summary = words[node + SUMMARY]! & ~(-1 << word);
  if (summary === 0) return NONE;
  const next = highest(summary);
  return (next << 5) + highest(words[node + BITS + next]!);
}

function firstSlot(words: Int32Array, node: number): number {
  const word = lowest(words[node + SUMMARY]!);
  return (word << 5) + lowest(words[node + BITS + word]!);
}

function lastSlot(words: Int32Array, node: number): number {
  const word = highest(words[node + SUMMARY]!);
  return (word << 5) + highest(words[node + BITS + word]!);
}

function lowest(bits: number): number {
  return 31 - Math.clz32(bits & -bits);
}

function highest(bits: number): number {
  return 31 - Math.clz32(bits);
}
