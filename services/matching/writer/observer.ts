import { BATCH_COMMANDS, CALL_SECONDS } from "#mesh/limits.ts";
import type { Metrics } from "#mesh/metrics.ts";
import type { Books } from "./books.ts";
import type { Observe } from "./desk.ts";
import type { Queue } from "./queue.ts";

/** Counts what happens; nothing where nobody wants to know. */
export function observer(
  metrics: Metrics | undefined,
  queue: Pick<Queue, "commandCount">,
): Observe & {
  readonly taken: (books: Books) => void;
  readonly standsBy: (isStandby: boolean) => void;
} {
  const commands = metrics?.counter("mizan_matching_commands_total", "Commands journaled.");
  const sizes = metrics?.histogram(
    "mizan_matching_batch_commands",
    "How many commands the batches of the journal have.",
    BATCH_COMMANDS,
  );
  const commits = metrics?.histogram(
    "mizan_matching_commit_seconds",
    "How long the commits of the journal take.",
    CALL_SECONDS,
  );
  const lag = metrics?.gauge(
    "mizan_matching_results_lag_batches",
    "Batches that are journaled and whose orders and trades are not stored yet.",
  );
  const epochs = metrics?.gauge("mizan_matching_epoch", "The epoch under which this one writes.");
  const standby = metrics?.gauge("mizan_matching_standby", "1 while another one may write.");
  metrics?.watch("mizan_matching_queued_commands", "Commands that wait (L3).", () => {
    return queue.commandCount;
  });
  let books: Books | undefined;
  metrics?.watch("mizan_matching_live_orders", "Orders in the books, waiting stops too.", () => {
    return books?.memory.engine.liveOrders ?? 0;
  });
  metrics?.watch(
    "mizan_matching_snapshot_age_seconds",
    "How long ago memory was last written down, or the books were opened.",
    () => (books?.snapshots.ageMs() ?? 0) / 1000,
  );
  return {
    journaled: (count, seconds) => {
      commands?.add({}, count);
      sizes?.observe(count);
      commits?.observe(seconds);
    },
    stored: (resultsBatch, lastBatch) => lag?.set(lastBatch - resultsBatch),
    taken: (opened) => {
      books = opened;
      epochs?.set(opened.fence.epoch);
    },
    standsBy: (isStandby) => standby?.set(Number(isStandby)),
  };
}
