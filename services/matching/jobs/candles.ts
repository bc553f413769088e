import { steadily } from "#mesh/jobs/steadily.ts";
import type { Job } from "#mesh/jobs/loop.ts";
import { CANDLES_IDLE_MS } from "#mesh/limits.ts";
import type { Matching } from "../context.ts";
import { foldCandles } from "../operations/fold-candles.ts";

/** Keeps the stored candles up with the trades. */
export const candlesJob = (matching: Pick<Matching, "db">): Job =>
  steadily("candles", CANDLES_IDLE_MS, async (signal) => foldCandles(matching, signal));
