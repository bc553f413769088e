import type { CallListener } from "../call-record.ts";
import { type Clock, systemClock } from "../clock.ts";
import { refusedCall } from "../edge/refused-call.ts";
import { REFUSED_CONNECTIONS } from "../limits.ts";
import type { Log } from "../log.ts";
import type { Metrics } from "../metrics.ts";
import { rateOf } from "../rate.ts";
import { fail } from "../reasons.ts";
import type { RefusedConnection } from "./hear-refused.ts";

type Means = {
  readonly log: Pick<Log, "info">;
  readonly metrics: Pick<Metrics, "counter">;
  /** Who else is told, as of a refused call. */
  readonly calls?: CallListener | undefined;
  readonly clock?: Pick<Clock, "monotonicMs">;
};

/**
 * Logs the connections that TLS refuses as calls that were refused, for what is refused is logged
 * (GATE-1). All are counted, but only so many are logged: strangers make as many as they like.
 */
export function recordRefused(means: Means): (connection: RefusedConnection) => void {
  const { log, metrics, calls, clock = systemClock } = means;
  const count = metrics.counter(
    "mizan_connections_refused_total",
    "Connections refused by TLS (G23).",
  );
  const wait = rateOf(REFUSED_CONNECTIONS, 1, clock);
  return ({ ip, reason, detail }) => {
    count.add({ reason });
    if (wait("all") > 0) return;
    log.info(
      { method: METHOD, wire: "grpc", ip, code: "Unauthenticated", reason, detail },
      "refused",
    );
    calls?.(refusedCall({ method: METHOD, error: fail(reason), ip, startMs: performance.now() }));
  };
}

/** There is no method yet. */
const METHOD = "(connection)";
