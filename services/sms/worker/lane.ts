import { setTimeout as sleep } from "node:timers/promises";
import type { Bus } from "#mesh/events/bus.ts";
import type { Delivery } from "#mesh/events/bus-pull.ts";
import { consumerMetrics } from "#mesh/events/consumer-metrics.ts";
import { keepPulling } from "#mesh/events/keep-pulling.ts";
import { createWaker } from "#mesh/events/waker.ts";
import {
  ACK_WAIT_MS,
  LANE_BATCHES,
  LANE_HELD_POINTERS,
  LANE_IDLE_MS,
  LANE_RETRY_MS,
  RECORD_RETRY_MS,
  TOKEN_BURST_MS,
} from "#mesh/limits.ts";
import type { Sms } from "../context.ts";
import type { Lane } from "../domain/message.ts";
import { laneStreams, laneSubjects } from "../events.ts";
import { type Claim, claimTasks } from "../operations/claim-tasks.ts";
import { recordOutcomes, type TaskOutcomes } from "../operations/record-outcomes.ts";
import { type Breaker, createBreaker } from "./breaker.ts";
import { type LaneMetrics, laneMetrics } from "./lane-metrics.ts";
import { type Bite, createPointers, type Pointers } from "./pointers.ts";
import { type Sender, sendTasks } from "./send-tasks.ts";
import { type Rate, shareRate } from "./share-rate.ts";
import { createTokens } from "./tokens.ts";

/** What a lane works with. */
export type LaneOptions = {
  readonly sms: Pick<Sms, "db" | "log" | "metrics" | "terms" | "currency" | "provider">;
  readonly bus: Bus;
  readonly lane: Lane;
  /** How many parts a second the provider takes, over all lanes. */
  readonly segmentsPerSecond: number;
};

type Running = {
  readonly options: LaneOptions;
  readonly pointers: Pointers;
  readonly breaker: Breaker;
  readonly sender: Sender;
  readonly metrics: LaneMetrics;
  readonly rate: Rate;
  /** How many tasks to take at once: fewer while they are chunks, more while they are single. */
  appetite: number;
};

/**
 * Serves a lane of a provider: takes the pointers that the broker gives, claims their tasks, hands
 * the texts over and records what became of them; a pointer is acknowledged when that has
 * committed. What fails comes again, and nothing but the database is believed. Disposing of
 * it takes no more, ends what is under way and gives the rest back.
 */
export function startLane(options: LaneOptions): AsyncDisposable {
  const { sms, lane } = options;
  const pointers = createPointers(LANE_RETRY_MS);
  const metrics = laneMetrics(sms.metrics);
  const breaker = createBreaker(lane);
  const rate = shareRate(sms, lane, options.segmentsPerSecond);
  const tokens = createTokens(rate.perSecond, TOKEN_BURST_MS);
  const { terms, provider, log } = sms;
  const sender = { terms, provider, log, lane, tokens, breaker, metrics };
  const appetite = provider.caps.maxRecipients;
  const running: Running = { options, pointers, breaker, sender, metrics, rate, appetite };
  const waker = createWaker(LANE_IDLE_MS);
  const take = (delivery: Delivery) => {
    pointers.add(delivery);
    waker.poke();
  };
  const pulls = laneSubjects(lane, provider.name).map((subject) => pull(options, subject, take));
  const sign = setInterval(pointers.working, ACK_WAIT_MS / 3);
  const stopped = new AbortController();
  const loop = keepSending(running, waker, stopped.signal);
  const stop = async () => {
    await Promise.all(pulls.map(async (one) => one[Symbol.asyncDispose]()));
    stopped.abort();
    waker.poke();
    await loop;
    clearInterval(sign);
    rate[Symbol.dispose]();
    pointers.release();
  };
  return { [Symbol.asyncDispose]: stop };
}

function pull({ sms, bus, lane }: LaneOptions, subject: string, take: (one: Delivery) => void) {
  const stream = laneStreams[lane];
  const name = subject.replaceAll(".", "-");
  const { waiting, restarts } = consumerMetrics(sms.metrics);
  return keepPulling(
    {
      bus,
      durable: { name, stream: stream.name, subject, maxHeld: LANE_HELD_POINTERS[lane] },
      stream,
      log: sms.log,
      restarted: () => restarts.add({ consumer: name }),
    },
    (delivery) => {
      waiting.set(delivery.waiting, { consumer: name });
      take(delivery);
    },
  );
}

/** Starts batches while there is work and room for it; ends when all of them have ended. */
async function keepSending(
  running: Running,
  waker: ReturnType<typeof createWaker>,
  stopped: AbortSignal,
): Promise<void> {
  const { pointers, breaker, metrics, options } = running;
  const labels = { provider: options.sms.provider.name, lane: options.lane };
  const batches = new Set<Promise<void>>();
  while (!stopped.aborted) {
    metrics.held.set(pointers.waiting(), labels);
    metrics.paused.set(breaker.isOpen() ? 1 : 0, labels);
    const hasRoom = batches.size < LANE_BATCHES[options.lane] && pointers.waiting() > 0;
    const waitMs = hasRoom ? breaker.begin() : LANE_IDLE_MS;
    if (waitMs > 0) {
      await waker.wait(Math.min(waitMs, LANE_IDLE_MS));
      continue;
    }
    const batch = work(running, pointers.take(running.appetite)).finally(() => {
      batches.delete(batch);
      waker.poke();
    });
    batches.add(batch);
  }
  await Promise.all(batches);
}

/** Takes tasks, hands them over and records what became of them. */
async function work(running: Running, bites: readonly Bite[]): Promise<void> {
  const { options, sender } = running;
  try {
    const startMs = performance.now();
    const claim = await claimBites(running, bites);
    if (claim.tasks.length === 0) running.breaker.end([]);
    else await record(options, await sendTasks(sender, claim.tasks, startMs));
    for (const bite of bites) bite.done(claim.left);
  } catch (error) {
    running.breaker.end([]);
    options.sms.log.warn({ err: error, lane: options.lane }, "tasks of a lane will come again");
    for (const bite of bites) bite.failed();
  }
}

async function claimBites(running: Running, bites: readonly Bite[]): Promise<Claim> {
  const { sms, lane } = running.options;
  const most = sms.provider.caps.maxRecipients;
  const ids = [...new Set(bites.flatMap(({ taskIds }) => taskIds))];
  const claim = await claimTasks(sms, ids, most);
  const { tasks, left } = claim;
  if (tasks.length > 0) running.rate.used();
  running.appetite =
    left.length > 0 ? Math.max(1, tasks.length) : Math.min(2 * running.appetite, most);
  for (const { waitedMs } of tasks.flatMap(({ texts }) => texts))
    running.metrics.queueSeconds.observe(waitedMs / 1000, { lane });
  return claim;
}

/**
 * Records outcomes, for as long as the lease lasts if need be: who knows that a text was accepted
 * should not leave it to others to find that out.
 */
async function record({ sms }: LaneOptions, outcomes: readonly TaskOutcomes[]): Promise<void> {
  const endMs = performance.now() + sms.terms.leaseMs;
  for (let pauseMs: number = RECORD_RETRY_MS.first; ; pauseMs = 2 * pauseMs) {
    try {
      await recordOutcomes(sms, outcomes);
      return;
    } catch (error) {
      const waitMs = Math.min(pauseMs, RECORD_RETRY_MS.most);
      if (performance.now() + waitMs >= endMs) throw error;
      sms.log.warn({ err: error }, "outcomes could not be recorded yet");
      await sleep(waitMs);
    }
  }
}
