import type { Values } from "#mesh/settings.ts";
import type { settings } from "./config.ts";
import type { Terms } from "./context.ts";

/** What the operator has settled about payouts. */
export function termsOf(
  config: Pick<Values<typeof settings>, Extract<keyof typeof settings, `payout${string}`>>,
): Terms {
  return {
    limits: {
      minMinor: config.payoutMin ?? undefined,
      maxMinor: config.payoutMax ?? undefined,
      dayMinor: config.payoutDayLimit ?? undefined,
      monthMinor: config.payoutMonthLimit ?? undefined,
      approvalMinor: config.payoutApproval ?? undefined,
    },
    coolDownMs: config.payoutCoolDownHours * HOUR_MS,
    unknownMs: config.payoutUnknownHours * HOUR_MS,
    answerMs: config.payoutAnswerMs,
  };
}

const HOUR_MS = 3600 * 1000;
