import { EVENT_AGE_SECONDS } from "../limits.ts";
import type { Metrics } from "../metrics.ts";

/** What consumers show of themselves; every series names its consumer. */
export type ConsumerMetrics = ReturnType<typeof consumerMetrics>;

/** Makes the metrics of consumers, or finds those that are there. */
export function consumerMetrics({ counter, gauge, histogram }: Metrics) {
  const age = "How long events took to have their effect, from when they happened.";
  const restarts = "How often a consumer had to begin again (N13).";
  return {
    ended: counter("mizan_events_consumed_total", "Attempts on events, by how they ended."),
    age: histogram("mizan_event_age_seconds", age, EVENT_AGE_SECONDS),
    waiting: gauge("mizan_consumer_waiting", "Events that the broker has for a consumer."),
    restarts: counter("mizan_consumer_restarts_total", restarts),
  };
}
