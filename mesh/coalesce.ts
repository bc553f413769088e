import { Code, ConnectError } from "@connectrpc/connect";
import { retryLater } from "./errors.ts";
import { OVERLOAD_RETRY_MS } from "./limits.ts";
import { fail } from "./reasons.ts";

/** How single calls become batches. */
export type CoalesceOptions<Item, Result> = {
  /** Does the work of a batch; returns one result for each item, in order. */
  readonly flush: (items: readonly Item[]) => Promise<readonly Result[]>;
  /** The most items of a batch. */
  readonly maxItems: number;
  /** The most items that wait for a batch (R3). */
  readonly maxWaiting: number;
  /** How many batches are under way at a time; 1 unless it is told, which keeps the order (L3). */
  readonly maxRunning?: number;
  /**
   * A batch that is not full begins no sooner than so long after the one before began, so that it
   * grows while many come. One that comes when all is idle does not wait. 0 unless it is told.
   */
  readonly everyMs?: number;
  /** How many an item counts for; 1 unless it is told. */
  readonly sizeOf?: (item: Item) => number;
};

/** Takes an item, and answers when its batch is done. */
export type Coalesced<Item, Result> = {
  /**
   * Throws OVERLOADED when too many wait, and what the caller's signal says for an item whose
   * caller has left before its batch began (G13). What `flush` throws, all of its items throw.
   */
  readonly add: (item: Item, signal?: AbortSignal) => Promise<Result>;
  /** How many items wait, each with its size. */
  readonly waiting: () => number;
};

/**
 * Turns concurrent calls into batches: while one batch is under way the next one fills, and leaves
 * when the one before has returned, or as many as may run (L3). A single call does not wait for
 * others to come.
 */
export function coalesce<Item, Result>(
  options: CoalesceOptions<Item, Result>,
): Coalesced<Item, Result> {
  const { flush, maxItems, maxWaiting, maxRunning = 1, everyMs = 0, sizeOf = () => 1 } = options;
  const line: Waiting<Item, Result>[] = [];
  let waiting = 0;
  let running = 0;
  let nextMs = 0;
  const take = (): Waiting<Item, Result>[] => {
    const batch: Waiting<Item, Result>[] = [];
    let size = 0;
    let next = 0;
    for (; next < line.length; next++) {
      const one = line[next]!;
      if (one.signal?.aborted !== true) {
        if (batch.length > 0 && size + one.size > maxItems) break;
        size += one.size;
        batch.push(one);
      } else one.reject(ConnectError.from(one.signal.reason, Code.Canceled));
      waiting -= one.size;
    }
    line.splice(0, next);
    return batch;
  };
  const early = () => (waiting > 0 && waiting < maxItems ? nextMs - performance.now() : 0);
  const pace = async () => {
    for (let earlyMs = early(); earlyMs > 0; earlyMs = early()) await timer(earlyMs);
    if (waiting > 0) nextMs = performance.now() + everyMs;
  };
  const run = async () => {
    running += 1;
    await new Promise((resolve) => setImmediate(resolve)); // what has come already comes along
    await pace();
    for (let batch = take(); batch.length > 0; batch = take()) {
      await settle(batch, flush);
      await pace();
    }
    running -= 1;
  };
  return {
    add: async (item, signal) => {
      const size = sizeOf(item);
      if (waiting + size > maxWaiting) throw overloaded();
      const { promise, resolve, reject } = Promise.withResolvers<Result>();
      line.push({ item, size, signal, resolve, reject });
      waiting += size;
      if (running < maxRunning) void run();
      return promise;
    },
    waiting: () => waiting,
  };
}

type Waiting<Item, Result> = {
  readonly item: Item;
  readonly size: number;
  readonly signal: AbortSignal | undefined;
  readonly resolve: (result: Result) => void;
  readonly reject: (reason: unknown) => void;
};

async function timer(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Answers all items of a batch; never rejects. */
async function settle<Item, Result>(
  batch: readonly Waiting<Item, Result>[],
  flush: CoalesceOptions<Item, Result>["flush"],
): Promise<void> {
  try {
    const results = await flush(batch.map(({ item }) => item));
    if (results.length !== batch.length) throw new Error("a batch has lost results");
    for (const [index, { resolve }] of batch.entries()) resolve(results[index]!);
  } catch (reason) {
    for (const { reject } of batch) reject(reason);
  }
}

function overloaded(): ConnectError {
  const retryMs = OVERLOAD_RETRY_MS;
  return retryLater(fail("OVERLOADED", { resource: "the queue", retry_ms: retryMs }), retryMs);
}
