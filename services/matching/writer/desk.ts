import type { Bell } from "#mesh/shard/bell.ts";
import type { Applier } from "./applier.ts";
import type { Batch } from "./batch.ts";
import type { Burned } from "./burned.ts";
import type { Flushes } from "./flushes.ts";
import type { Queue } from "./queue.ts";

/** What serving needs, beside the books; it stays when books are opened anew. */
export type Desk = {
  readonly queue: Queue;
  /** Rings when there is something new to do. */
  readonly bell: Bell;
  readonly applier: Applier;
  readonly flushes: Flushes;
  readonly burned: Burned;
  /** The batches of the books that had to be given up whose callers have no answer. */
  unanswered: readonly Batch[];
  /** The batches of the books that are served whose callers have no answer. */
  sent: () => readonly Batch[];
  /** Nothing more will come. */
  readonly isClosing: () => boolean;
  readonly observe: Observe;
};

/** Is told what happens. */
export type Observe = {
  /** A batch was journaled: with so many commands, after so many seconds. */
  readonly journaled: (commands: number, seconds: number) => void;
  /** The rows up to a batch are stored, and up to which was journaled. */
  readonly stored: (resultsBatch: number, lastBatch: number) => void;
};
