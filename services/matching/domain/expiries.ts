import { strict as assert } from "node:assert";
import type { Archive } from "./archive.ts";
import { ARRIVAL, EXPIRE_MS, HEAP } from "./extras.ts";
import { EXTRA } from "./orders.ts";
import type { Rows } from "./rows.ts";

/** The live GTD orders, the one that ends first on top: by time, then by arrival. A binary heap. */
export class Expiries {
  readonly #orders: Rows;
  readonly #extras: Rows;
  /** Orders from place 1 on. */
  heap: Int32Array<ArrayBuffer> = new Int32Array(64);
  count = 0;
  /** How many orders there ever were. */
  arrivals = 0;

  constructor(orders: Rows, extras: Rows) {
    this.#orders = orders;
    this.#extras = extras;
  }

  /** The order that ends first; 0 when there is none. */
  get first(): number {
    return this.count === 0 ? 0 : this.heap[1]!;
  }

  /** When that is; Infinity when there is none. */
  get nextMs(): number {
    return this.count === 0 ? Infinity : this.expireMs(this.first);
  }

  /** When an order ends, in milliseconds since 1970. */
  expireMs(order: number): number {
    return this.#extras.reals[(this.#extraOf(order) >> 1) + EXPIRE_MS]!;
  }

  add(order: number): void {
    if (++this.count === this.heap.length) {
      const larger = new Int32Array(this.count * 2);
      larger.set(this.heap);
      this.heap = larger;
    }
    this.#extras.reals[(this.#extraOf(order) >> 1) + ARRIVAL] = ++this.arrivals;
    this.#up(this.count, order);
  }

  remove(order: number): void {
    const { words } = this.#extras;
    const extra = this.#extraOf(order);
    const place = words[extra + HEAP]!;
    words[extra + HEAP] = 0;
    const last = this.heap[this.count--]!;
    if (last === order) return;
    this.#up(place, last);
    this.#down(words[this.#extraOf(last) + HEAP]!, last);
  }

  /** Stores or restores the heap; what its orders have of it is stored with them. */
  archive(archive: Archive): void {
    this.count = archive.number(this.count);
    this.arrivals = archive.number(this.arrivals);
    this.heap = archive.words(this.heap, this.heap.length);
  }

  /** Throws unless each order ends before those below it, and knows its place. */
  validate(): void {
    for (let place = 1; place <= this.count; place++) {
      const order = this.heap[place]!;
      assert.equal(this.#extras.words[this.#extraOf(order) + HEAP], place, "a place is known");
      const isAfter = place === 1 || this.#isBefore(this.heap[place >> 1]!, order);
      assert(isAfter, "what ends first is on top");
    }
  }

  /** Puts an order at a place or above it. */
  #up(place: number, order: number): void {
    let at = place;
    for (; at > 1 && this.#isBefore(order, this.heap[at >> 1]!); at >>= 1) {
      this.#put(at, this.heap[at >> 1]!);
    }
    this.#put(at, order);
  }

  /** Puts an order at a place or below it. */
  #down(place: number, order: number): void {
    const { heap, count } = this;
    let at = place;
    while (at * 2 <= count) {
      let child = at * 2;
      if (child < count && this.#isBefore(heap[child + 1]!, heap[child]!)) child++;
      if (!this.#isBefore(heap[child]!, order)) break;
      this.#put(at, heap[child]!);
      at = child;
    }
    this.#put(at, order);
  }

  #put(place: number, order: number): void {
    this.heap[place] = order;
    this.#extras.words[this.#extraOf(order) + HEAP] = place;
  }

  #isBefore(one: number, other: number): boolean {
    const { reals } = this.#extras;
    const first = this.#extraOf(one) >> 1;
    const second = this.#extraOf(other) >> 1;
    const time = reals[first + EXPIRE_MS]!;
    const otherTime = reals[second + EXPIRE_MS]!;
    return time === otherTime
      ? reals[first + ARRIVAL]! < reals[second + ARRIVAL]!
      : time < otherTime;
  }

  #extraOf(order: number): number {
    return this.#orders.words[order + EXTRA]!;
  }
}
