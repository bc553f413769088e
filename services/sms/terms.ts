import type { Values } from "#mesh/settings.ts";
import type { commonSettings } from "./config.ts";
import type { Terms } from "./context.ts";

/** What the operator has settled: the settings, and the usual times of the trade. */
export function termsOf(config: Values<typeof commonSettings>): Terms {
  const { senders, countries, maxSegments, refundUndelivered } = config;
  return {
    ...usualTimes,
    senders,
    countries,
    maxSegments,
    refundUndelivered,
    leaseMs: 3 * config.magfaTimeoutMs,
    receiptMs: config.receiptHours * HOUR_MS,
  };
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

const usualTimes = {
  validityMs: { EXPRESS: 10 * MINUTE_MS, BULK: 10 * HOUR_MS },
  promiseMs: 5000,
  abandonMs: 30_000,
  retryMs: 1000,
  requeueMs: 2 * MINUTE_MS,
  askAgainMs: { EXPRESS: 1000, BULK: 5000 },
  unknownOutcomeMs: 24 * HOUR_MS,
  firstPollMs: MINUTE_MS,
  parkMs: MINUTE_MS,
} as const satisfies Partial<Terms>;
