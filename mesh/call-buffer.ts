import type { CallListener, CallRecord } from "./call-record.ts";
import { isRefused } from "./database/failure.ts";
import { newId } from "./ids.ts";
import { CALLS_FLUSH_MS, CALLS_RETRY_MS, MAX_CALLS_BUFFERED, MAX_CALLS_WRITTEN } from "./limits.ts";
import type { Log } from "./log.ts";
import type { Metrics } from "./metrics.ts";

/** A call with the id of its entry: written twice, it is there once. */
export type CallEntry = CallRecord & { readonly id: string };

/** Collects records of calls, and has them written some at a time. */
export type CallBuffer = {
  /** Takes a record; drops and counts it when too many wait. */
  readonly add: CallListener;
  /** Writes what is left; what can't be written now is dropped and counted. */
  readonly stop: () => Promise<void>;
};

type Means = {
  /** Writes entries; those that were written before stay as they are. */
  readonly write: (entries: readonly CallEntry[]) => Promise<void>;
  readonly log: Pick<Log, "warn">;
  readonly metrics: Pick<Metrics, "counter" | "watch">;
  /** How many wait at most, and how long after a failure; a test may choose. */
  readonly maxBuffered?: number;
  readonly retryMs?: number;
};

/**
 * Keeps records of calls for a moment, so that one statement writes many and no call waits for it.
 * What can't be written is tried again, but for the one that the database refuses for what it says:
 * that is dropped and counted. A crash loses what came within the last moment.
 */
export function callBuffer(means: Means): CallBuffer {
  const { write, log, metrics } = means;
  const { maxBuffered = MAX_CALLS_BUFFERED, retryMs = CALLS_RETRY_MS } = means;
  const dropped = metrics.counter("mizan_call_records_dropped_total", "Calls not in the log (R3).");
  let waiting: CallEntry[] = [];
  let timer: NodeJS.Timeout | undefined;
  let running = Promise.resolve();
  metrics.watch("mizan_call_records_waiting", "Calls to be logged.", () => waiting.length);
  const writeInHalves = async (batch: readonly CallEntry[]): Promise<void> => {
    try {
      await write(batch);
    } catch (error) {
      if (!isRefused(error)) throw error;
      const [one, other] = batch;
      if (other === undefined) {
        log.warn({ err: error, method: one?.method }, "a call is refused by the log of calls");
        return dropped.add();
      }
      const middle = Math.ceil(batch.length / 2);
      await writeInHalves(batch.slice(0, middle));
      await writeInHalves(batch.slice(middle));
    }
  };
  const flush = async () => {
    while (waiting.length > 0) {
      const batch = waiting.slice(0, MAX_CALLS_WRITTEN);
      await writeInHalves(batch);
      waiting = waiting.slice(batch.length);
    }
  };
  const wake = (afterMs: number) => {
    timer ??= setTimeout(() => {
      running = flush().then(
        () => void (timer = undefined),
        (error: unknown) => {
          timer = undefined;
          log.warn({ err: error, waiting: waiting.length }, "calls can't be logged yet");
          wake(retryMs);
        },
      );
    }, afterMs);
  };
  const stop = async () => {
    clearTimeout(timer);
    await running;
    clearTimeout(timer); // a failure has set another one
    await flush().catch((error: unknown) => {
      dropped.add({}, waiting.length);
      log.warn({ err: error, waiting: waiting.length }, "calls were not logged");
    });
  };
  return {
    add: (call) => {
      if (waiting.length >= maxBuffered) return dropped.add();
      waiting.push({ ...inPlainText(call), id: newId() });
      return wake(CALLS_FLUSH_MS);
    },
    stop,
  };
}

/** Replaces what no database takes for text; strangers name some of what they call. */
function inPlainText(call: CallRecord): CallRecord {
  const fields = Object.entries(call);
  if (!fields.some(([, value]) => typeof value === "string" && odd.test(value))) return call;
  const plain = fields.map(([name, value]: [string, string | number]) => {
    return [name, typeof value === "string" ? value.replaceAll(allOdd, "?") : value];
  });
  return Object.fromEntries(plain) as CallRecord;
}

/** Control characters, and halves of characters. */
const odd = /[\p{Cc}\p{Cs}]/u;
const allOdd = new RegExp(odd, "gu");
