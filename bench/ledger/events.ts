import { setTimeout as sleep } from "node:timers/promises";
import { TransferPostedSchema } from "#gen/mizan/billing/v1/events_pb.ts";
import { type Bus, connectBus } from "#mesh/events/bus.ts";
import { SEQ_HEADER } from "#mesh/events/headers.ts";
import { startRelay } from "#mesh/events/relay.ts";
import { streamOfEvent, subjectOf } from "#mesh/events/subject.ts";
import type { Log } from "#mesh/log.ts";
import type { Metrics } from "#mesh/metrics.ts";
import { closedLoop, type Done, openLoop } from "../load.ts";
import { quantile } from "../report.ts";
import { inTurn } from "../rounds.ts";
import { BATCHES_IN_FLIGHT } from "./cases.ts";
import { transfers } from "./mixes.ts";
import type { BenchLedger } from "./open-ledger.ts";
import type { Place } from "./place.ts";
import { startTally } from "./tally.ts";

/** How many transfers a second are made while their events are on their way. */
export const EVENTFUL_PER_SECOND = 20_000;

type Options = {
  readonly place: Place;
  readonly ledger: BenchLedger;
  readonly log: Log;
  readonly rounds: number;
  readonly ms: number;
};

/**
 * Measures, while transfers are made at a steady rate and then as fast as they can be, how fast their events are published by the
 * relay in this process and counted by a durable consumer on another thread, and how late they
 * are published. Ends when both have had all.
 */
export async function measureEvents({ place, ledger, log, rounds, ms }: Options) {
  const { feed } = ledger.billing;
  const { metrics, lagsMs } = keepLags();
  await using bus = await connectBus({ url: place.natsUrl, name: "bench", log });
  const stream = { name: streamOfEvent(TransferPostedSchema), subjects: ["mizan.billing.v1.>"] };
  await using _ = startRelay({ url: place.billingUrl, bus, stream, feeds: [feed], log, metrics });
  await using tally = await startTally(place.listenerUrl, place.natsUrl);
  await untilAt(await feed.last(), tally.lastSeq);
  const batch = async () => ledger.create(transfers("uniform", 1000));
  const paced = { perSecond: EVENTFUL_PER_SECOND / 1000, ms };
  const flatOut = { inFlight: BATCHES_IN_FLIGHT[1000]!, ms };
  const measure = async (name: string, make: () => Promise<Done>) => {
    lagsMs.length = 0;
    const before = await feed.last();
    const startMs = performance.now();
    const { perSecond } = await make();
    const last = await feed.last();
    const rateOf = (endMs: number) => ((last - before) / (endMs - startMs)) * 1000;
    const published = untilAt(last, async () => publishedSeq(bus)).then(() => performance.now());
    const consumed = untilAt(last, tally.lastSeq).then(() => performance.now());
    return {
      [`ledger, ${name}`]: perSecond,
      [`events published, ${name}`]: rateOf(await published),
      [`events consumed, ${name}`]: rateOf(await consumed),
      [`relay lag p99, ${name}`]: quantile(lagsMs, 0.99),
    };
  };
  const cases = [
    async () => measure("paced", async () => openLoop(paced, batch)),
    async () => measure("flat out", async () => closedLoop(flatOut, batch)),
  ];
  return await inTurn(cases, rounds);
}

async function publishedSeq(bus: Bus): Promise<number> {
  const subject = subjectOf(TransferPostedSchema, "0");
  const message = await bus.lastOf(streamOfEvent(TransferPostedSchema), subject);
  return Number(message?.header(SEQ_HEADER) ?? 0);
}

async function untilAt(seq: number, read: () => Promise<number>): Promise<void> {
  const endMs = performance.now() + PATIENCE_MS;
  while ((await read()) < seq) {
    if (performance.now() > endMs) throw new Error(`transfer ${seq} did not come through`);
    await sleep(5);
  }
}

/** How long the events may take after the load has ended. */
const PATIENCE_MS = 30_000;

/** Metrics that keep nothing but how late events were published. */
function keepLags(): { metrics: Metrics; lagsMs: number[] } {
  const lagsMs: number[] = [];
  const metrics: Metrics = {
    counter: () => ({ add: ignore }),
    gauge: () => ({ set: ignore }),
    watch: ignore,
    histogram: (name) => ({
      observe: name === "mizan_relay_lag_seconds" ? (late) => lagsMs.push(late * 1000) : ignore,
    }),
  };
  return { metrics, lagsMs };
}

function ignore(): void {}
