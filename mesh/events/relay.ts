import { connect } from "../database/connect.ts";
import { openConnection } from "../database/connection.ts";
import { lead } from "../jobs/leader.ts";
import * as limits from "../limits.ts";
import type { Log } from "../log.ts";
import type { Metrics } from "../metrics.ts";
import type { Bus } from "./bus.ts";
import type { StreamSpec } from "./bus-streams.ts";
import type { Feed } from "./feed.ts";
import { onAppend, onCommitted } from "./outbox.ts";
import { relayMetrics } from "./relay-metrics.ts";
import { createRelayPass, type RelayPass } from "./relay-pass.ts";
import { createWaker } from "./waker.ts";

type Options = {
  /** The database of the service, without a pooler in between (L13). */
  readonly url: string;
  readonly bus: Bus;
  readonly stream: StreamSpec;
  readonly feeds?: readonly Feed[];
  readonly log: Log;
  readonly metrics: Metrics;
};

/** Publishes the events of a service. Disposing of it publishes what there is, then stops. */
export type Relay = AsyncDisposable & {
  /** Says that there is something to publish. */
  readonly poke: () => void;
};

/**
 * Starts the relay of a stream. It publishes the outbox and the feeds in order, as the only one
 * among the processes of the service (O3), and again what the stream has lost (N2). Failures are
 * logged and waited out: events stay in the database until the broker takes them (N8, N12).
 */
export function startRelay(options: Options): Relay {
  const { bus, url, feeds = [], stream } = options;
  const stopped = new AbortController();
  const forced = new AbortController();
  const { usual, most } = stream.pollMs ?? limits.RELAY_POLL_MS;
  const work = createWaker(usual, most);
  const pause = createWaker(limits.RELAY_TURN_MS);
  const outcome = outcomes(options);
  const publish = async ({ run }: RelayPass, lost: AbortSignal) => {
    while (!lost.aborted) {
      const more = await run();
      outcome.succeeded();
      if (!more && stopped.signal.aborted) return;
      await work.next(more || undefined);
    }
  };
  const turn = async (lost: AbortSignal) => {
    await using connection = await openConnection({ url, name: "relay" });
    const { metrics } = outcome;
    await using pass = createRelayPass({ ...options, feeds, connection, metrics });
    await publish(pass, lost);
  };
  const loop = async () => {
    await using db = connect({ url, max: 1, name: "relay" }); // the service's may be at its limit
    const led = { name: `relay/${stream.name}`, signal: forced.signal };
    while (!stopped.signal.aborted) {
      const waitMs = await lead(db, led, turn).then(() => limits.RELAY_TURN_MS, outcome.failed);
      if (!stopped.signal.aborted) await pause.wait(waitMs);
    }
  };
  const watches = new DisposableStack();
  watches.use(onAppend(work.soon));
  watches.use(onCommitted(work.poke));
  watches.use(bus.onConnect(pause.poke));
  for (const feed of feeds) watches.use(feed.onCommit(work.poke));
  const ended = loop();
  const stop = async () => {
    watches.dispose();
    stopped.abort();
    const force = setTimeout(() => forced.abort(), limits.RELAY_FLUSH_MS);
    work.poke();
    pause.poke();
    await ended;
    clearTimeout(force);
  };
  return { poke: work.poke, [Symbol.asyncDispose]: stop };
}

/** Shows how the relay fares, and says how long to wait after a failure. */
function outcomes({ log, metrics: given, stream }: Options) {
  const metrics = relayMetrics(given);
  const labels = { stream: stream.name };
  let failures = 0;
  const succeeded = () => {
    metrics.blocked.set(0, labels);
    if (failures > 0) log.info(labels, "Events are published again.");
    failures = 0;
  };
  const failed = (error: unknown): number => {
    metrics.blocked.set(1, labels);
    if (failures === 0) log.warn({ ...labels, err: error }, "Events wait in the database.");
    failures += 1;
    const [leastMs, mostMs] = limits.RELAY_BACKOFF_MS;
    return Math.min(leastMs * 2 ** (failures - 1), mostMs);
  };
  return { metrics, succeeded, failed };
}
