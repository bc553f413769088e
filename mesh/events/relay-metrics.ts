import { RELAY_LAG_SECONDS } from "../limits.ts";
import type { Metrics } from "../metrics.ts";

/** What a relay shows of itself; every series names its stream. */
export type RelayMetrics = ReturnType<typeof relayMetrics>;

/** Makes the metrics of a relay, or finds those that are there. */
export function relayMetrics({ counter, gauge, histogram }: Metrics) {
  const lag = "How long events took to be published, from when they happened.";
  return {
    published: counter("mizan_events_published_total", "Events that the broker took."),
    lag: histogram("mizan_relay_lag_seconds", lag, RELAY_LAG_SECONDS),
    waiting: gauge("mizan_outbox_waiting", "Events of the outbox that are not published yet."),
    blocked: gauge("mizan_relay_blocked", "1 while events can't be published."),
    surprises: counter("mizan_stream_surprises_total", "Events that stream or database lacked."),
  };
}
