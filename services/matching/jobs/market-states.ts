import { type SteadyJob, steadily } from "#mesh/jobs/steadily.ts";
import { MARKET_STATES_IDLE_MS } from "#mesh/limits.ts";
import type { Matching } from "../context.ts";
import { EventCursor } from "../domain/event-cursor.ts";
import { recordMarketStates, type StateLag } from "../operations/record-market-states.ts";

/** Writes down the states of markets that change without anybody's command. */
export function marketStatesJob(
  matching: Pick<Matching, "db" | "markets" | "writer">,
): SteadyJob & Disposable {
  const lag: StateLag = { halted: new Set(), sinceMs: new Map() };
  const job = steadily("market-states", MARKET_STATES_IDLE_MS, async () =>
    (await recordMarketStates(matching, lag)) ? false : undefined,
  );
  const batches = matching.writer.onBatch(({ log }) => {
    const cursor = new EventCursor(log);
    let isOutside = false;
    while (cursor.next()) {
      if (cursor.kind === "STATE" && isOutside) {
        lag.halted.add(cursor.market);
        job.stir();
      }
      isOutside = cursor.kind === "EXPIRED"; // which a taker is right before it halts its market
    }
  });
  return { ...job, [Symbol.dispose]: () => batches[Symbol.dispose]() };
}
