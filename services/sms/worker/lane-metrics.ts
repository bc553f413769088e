import { CALL_SECONDS, QUEUE_SECONDS } from "#mesh/limits.ts";
import type { Metrics } from "#mesh/metrics.ts";

/** What a worker shows of its lane. */
export type LaneMetrics = ReturnType<typeof laneMetrics>;

/** Makes the metrics of a lane, or finds those that are there. */
export function laneMetrics({ counter, gauge, histogram }: Metrics) {
  const mismatches = "Messages whose parts the provider counts otherwise than we do (SEG-11).";
  return {
    queueSeconds: histogram(
      "mizan_sms_queue_seconds",
      "How long messages waited in their lane until a worker took them.",
      QUEUE_SECONDS,
    ),
    submitSeconds: histogram(
      "mizan_sms_submit_seconds",
      "How long calls took that hand messages to a provider.",
      CALL_SECONDS,
    ),
    outcomes: counter("mizan_sms_outcomes_total", "What providers answered for messages, by kind."),
    mismatches: counter("mizan_sms_segment_mismatches_total", mismatches),
    paused: gauge(
      "mizan_sms_provider_paused",
      "1 while a worker hands nothing to a provider that takes nothing (ROUTE-3).",
    ),
    held: gauge("mizan_sms_held_tasks", "Tasks that a worker holds and has not begun."),
  };
}
