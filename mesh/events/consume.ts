import { ACK_WAIT_MS, CONSUMER_FLUSH_MS, MAX_EVENTS_AT_WORK, REQUEUED_POLL_MS } from "../limits.ts";
import type { Metrics } from "../metrics.ts";
import type { Bus } from "./bus.ts";
import type { Delivery } from "./bus-pull.ts";
import { consumerMetrics } from "./consumer-metrics.ts";
import type { Consumer } from "./consumer.ts";
import { keepPulling } from "./keep-pulling.ts";
import { createLanes } from "./lanes.ts";
import { streamOfEvent, subjectsOf } from "./subject.ts";
import { createWaker } from "./waker.ts";
import { workEvent, type Workplace } from "./work-event.ts";
import { workRequeued } from "./work-requeued.ts";

type Options<T> = Omit<Workplace<T>, "metrics"> & {
  readonly bus: Bus;
  /** Whose consumers these are: the first part of their names at the broker. */
  readonly service: string;
  readonly consumers: readonly Consumer<T>[];
  readonly metrics: Metrics;
};

/**
 * Starts the consumers of a service. Each event has its effect once, as its consumer sees to it
 * (O5), in the order of its subject as long as one process consumes and nothing fails.
 * Disposing of them takes no more events and works on those that were taken, for a while.
 */
export function startConsumers<T>(options: Options<T>): AsyncDisposable {
  const byName = new Map(options.consumers.map((consumer) => [consumer.name, consumer]));
  if (byName.size < options.consumers.length) throw new Error("two consumers have the same name");
  const place = { ...options, metrics: consumerMetrics(options.metrics) };
  const running = options.consumers.map((consumer) => start(options, place, consumer));
  running.push(keepRequeued(place, byName));
  const stop = async () => {
    await Promise.all(running.map(async (part) => part[Symbol.asyncDispose]()));
  };
  return { [Symbol.asyncDispose]: stop };
}

function start<T>(
  { bus, service }: Options<T>,
  place: Workplace<T>,
  consumer: Consumer<T>,
): AsyncDisposable {
  const held = new Set<Delivery>();
  const lanes = createLanes(MAX_EVENTS_AT_WORK);
  const take = (delivery: Delivery) => {
    held.add(delivery);
    place.metrics.waiting.set(delivery.waiting, { consumer: consumer.name });
    lanes.add(delivery.subject, async () => {
      await workEvent(place, consumer, delivery);
      held.delete(delivery);
    });
  };
  const stillHeld = () => {
    for (const delivery of held) delivery.working();
  };
  const sign = setInterval(stillHeld, ACK_WAIT_MS / 3);
  const name = `${service}-${consumer.name}`;
  const stream = streamOfEvent(consumer.event);
  const pulling = keepPulling(
    {
      bus,
      durable: { name, stream, subject: subjectsOf(consumer.event) },
      stream: { name: stream, subjects: [`${consumer.event.file.proto.package}.>`] },
      log: place.log,
      restarted: () => place.metrics.restarts.add({ consumer: consumer.name }),
    },
    take,
  );
  const stop = async () => {
    clearInterval(sign);
    await pulling[Symbol.asyncDispose]();
    await lanes.stop(CONSUMER_FLUSH_MS);
    for (const delivery of held) delivery.retry(0); // another process may have them at once
  };
  return { [Symbol.asyncDispose]: stop };
}

/** Looks for requeued dead letters until it is disposed of. */
function keepRequeued<T>(
  place: Workplace<T>,
  consumers: ReadonlyMap<string, Consumer<T>>,
): AsyncDisposable {
  const stopped = new AbortController();
  const waker = createWaker(REQUEUED_POLL_MS);
  const loop = async () => {
    while (!stopped.signal.aborted) {
      await workRequeued(place, consumers).catch((error: unknown) => {
        place.log.warn({ err: error }, "Requeued events have to wait.");
      });
      await waker.wait();
    }
  };
  const ended = loop();
  return {
    [Symbol.asyncDispose]: async () => {
      stopped.abort();
      waker.poke();
      await ended;
    },
  };
}
