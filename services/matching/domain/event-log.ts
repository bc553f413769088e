import { EventCursor } from "./event-cursor.ts";
import type { Event } from "./event.ts";

/**
 * What a batch of commands did, as words: each event has 12 words of its own, then the facts of its
 * orders (facts.ts). The same commands make the same bytes, wherever they are applied.
 */
export class EventLog {
  words: Int32Array<ArrayBuffer> = new Int32Array(1 << 15);
  reals: Float64Array<ArrayBuffer> = new Float64Array(this.words.buffer);
  /** The number of words that are in use. */
  end = 0;
  /** How many events there are. */
  count = 0;
  /** How many commands were applied. */
  commands = 0;

  /** Makes room for the event that begins at `end`; returns where that is. */
  reserve(): number {
    if (this.end + LONGEST > this.words.length) this.#grow();
    return this.end;
  }

  /** The log as it is now; the bytes change with the next command or `clear`. */
  bytes(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.words.buffer, 0, this.end * 4);
  }

  /** Forgets what was applied, and begins to count anew. */
  clear(): void {
    this.end = 0;
    this.count = 0;
    this.commands = 0;
  }

  /** Reads each event, with the number of the command that it comes from. */
  forEach(read: (event: Event, command: number) => void): void {
    const cursor = new EventCursor(this);
    while (cursor.next()) read(cursor.event(), cursor.command);
  }

  #grow(): void {
    const larger = new Int32Array(this.words.length * 2);
    larger.set(this.words);
    this.words = larger;
    this.reals = new Float64Array(larger.buffer);
  }
}

/** The most words of one event. */
const LONGEST = 72;
