import type { Log } from "../log.ts";
import { CONSUMER_BACKOFF_MS } from "../limits.ts";
import type { Bus } from "./bus.ts";
import type { Delivery, Durable } from "./bus-pull.ts";
import type { StreamSpec } from "./bus-streams.ts";
import { createWaker } from "./waker.ts";

type Options = {
  readonly bus: Bus;
  readonly durable: Durable;
  /** The stream as its owner calls it; it is made when it is not there. */
  readonly stream: StreamSpec;
  readonly log: Log;
  /** Called when it begins again. */
  readonly restarted: () => void;
};

/**
 * Takes the events of a durable consumer for good: whatever ends it, such as a lost stream (N14),
 * a silent broker (N13) or a wiped store, it is made again. Disposing of it takes no more.
 */
export function keepPulling(
  { bus, durable, stream, log, restarted }: Options,
  take: (delivery: Delivery) => void,
): AsyncDisposable {
  const stopped = new AbortController();
  const { promise: stop, resolve: endWait } = Promise.withResolvers<string>();
  const patience = createWaker(CONSUMER_BACKOFF_MS);
  const watch = bus.onConnect(patience.poke);
  const once = async (): Promise<string> => {
    await bus.ensureStream(stream);
    await using pull = await bus.pull(durable, take);
    return await Promise.race([pull.ended, stop]);
  };
  const loop = async () => {
    while (!stopped.signal.aborted) {
      const why = await once().catch(String);
      if (stopped.signal.aborted) return;
      restarted();
      log.warn({ consumer: durable.name, reason: why }, "A consumer begins again.");
      await patience.wait();
    }
  };
  const ended = loop();
  return {
    [Symbol.asyncDispose]: async () => {
      stopped.abort();
      watch[Symbol.dispose]();
      endWait("stopped");
      patience.poke();
      await ended;
    },
  };
}
