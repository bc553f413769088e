import { openConnection } from "../database/connection.ts";
import { newId } from "../ids.ts";
import * as limits from "../limits.ts";
import type { Log } from "../log.ts";
import type { Metrics } from "../metrics.ts";
import type { Bus } from "./bus.ts";
import type { StreamSpec } from "./bus-streams.ts";
import type { Feed } from "./feed.ts";
import { onAppend } from "./outbox.ts";
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
  const { bus, feeds = [], url, log, stream } = options;
  const work = createWaker(limits.RELAY_POLL_MS);
  const hope = createWaker(limits.RELAY_BACKOFF_MS[1]);
  const metrics = relayMetrics(options.metrics);
  const labels = { stream: stream.name };
  const pass = { ...options, feeds, metrics, owner: newId() };
  const stopped = new AbortController();
  const { signal } = stopped;
  let endMs = Infinity;
  let failures = 0;
  const recovered = () => {
    metrics.blocked.set(0, labels);
    if (failures > 0) log.info(labels, "Events are published again.");
    failures = 0;
  };
  const failed = async (error: unknown) => {
    metrics.blocked.set(1, labels);
    if (failures === 0) log.warn({ ...labels, err: error }, "Events wait in the database.");
    const [leastMs, mostMs] = limits.RELAY_BACKOFF_MS;
    if (!signal.aborted) await hope.wait(Math.min(leastMs * 2 ** failures, mostMs));
    failures += 1;
  };
  const publish = async ({ run }: RelayPass) => {
    for (let leftMs = Infinity; leftMs > 0; leftMs = endMs - performance.now()) {
      const more = await run();
      recovered();
      if (!more && signal.aborted) return;
      if (!more) await work.wait();
    }
  };
  const loop = async () => {
    while (!signal.aborted) {
      try {
        await using connection = await openConnection({ url, name: "relay" });
        await using current = createRelayPass({ ...pass, connection });
        await publish(current);
      } catch (error) {
        await failed(error);
      }
    }
  };
  const watches = new DisposableStack();
  watches.use(onAppend(work.soon));
  watches.use(bus.onConnect(hope.poke));
  for (const feed of feeds) watches.use(feed.onCommit(work.poke));
  const ended = loop();
  const stop = async () => {
    watches.dispose();
    stopped.abort();
    endMs = performance.now() + limits.RELAY_FLUSH_MS;
    work.poke();
    hope.poke();
    await ended;
  };
  return { poke: work.poke, [Symbol.asyncDispose]: stop };
}
