import { connectBus } from "#mesh/events/bus.ts";
import { startRelay } from "#mesh/events/relay.ts";
import { startJobs } from "#mesh/jobs/loop.ts";
import { testNats } from "#mesh/testing/nats.ts";
import type { Terms } from "../context.ts";
import type { Lane } from "../domain/message.ts";
import { laneStreams } from "../events.ts";
import { sweepJobs } from "../jobs/sweep.ts";
import { type LaneOptions, startLane } from "../worker/lane.ts";
import { testSms } from "./test-sms.ts";

/** Sms with a broker of its own, whose lanes a test serves as long as it likes. */
export async function testLanes({ terms = {} }: { readonly terms?: Partial<Terms> } = {}) {
  await using stack = new AsyncDisposableStack();
  const world = stack.use(await testSms({ terms, max: 16 }));
  const nats = stack.use(await testNats());
  const { sms, log } = world;
  const bus = stack.use(await connectBus({ url: nats.url, name: "test", log }));
  for (const stream of Object.values(laneStreams))
    stack.use(startRelay({ url: sms.db.url, bus, stream, log, metrics: sms.metrics }));
  const serve = (lane: Lane, options: Partial<LaneOptions> = {}) =>
    startLane({ sms, bus, lane, segmentsPerSecond: 10_000, ...options });
  const sweep = () => startJobs(sweepJobs(sms), { db: sms.db, log, telemetry: sms.metrics });
  const open = stack.move();
  const dispose = async () => open.disposeAsync();
  return { ...world, nats, bus, serve, sweep, [Symbol.asyncDispose]: dispose };
}
