import { systemClock } from "#mesh/clock.ts";
import { connect } from "#mesh/database/connect.ts";
import { createLog } from "#mesh/log.ts";
import { createMarkets } from "../../../services/matching/domain/markets.ts";
import type { Tables } from "../../../services/matching/store/tables.ts";
import { randomSubmissions } from "../../../services/matching/testing/random-submissions.ts";
import { startWriter } from "../../../services/matching/writer/writer.ts";

// A process to be killed: it writes the books of an exchange, sends itself a part of a random stream
// of commands, and says on its output what became of each as soon as it knows.

/** What it is to do. */
export type Task = {
  readonly url: string;
  readonly seed: number;
  /** The commands of the stream that it sends, and how many the stream has. */
  readonly from: number;
  readonly until: number;
  readonly count: number;
  /** Whether it waits until nobody else has the books. */
  readonly isStandby: boolean;
};

/** What it says, a line each; `place` is that in the stream. */
export type Line =
  | { readonly said: "ready"; readonly hash: string }
  | { readonly said: "answered"; readonly place: number; readonly seq: number }
  | { readonly said: "done" };

const SIZE = 3;
const AT_ONCE = 4;
const task = JSON.parse(process.argv[2]!) as Task;
const say = (line: Line) => void process.stdout.write(`${JSON.stringify(line)}\n`);
await using db = connect<Tables>({ url: task.url, max: 2, name: "victim" });
await using writer = await startWriter({
  db,
  shard: 0,
  owner: `victim ${task.from}`,
  when: task.isStandby ? "free" : "now",
  clock: systemClock,
  markets: createMarkets([]),
  log: createLog({ name: "victim", level: "fatal", to: process.stderr }),
  snapshotEvery: { batches: 3, ms: 3_600_000 },
});
say({ said: "ready", hash: writer.engine.stateHash() });
const stream = randomSubmissions(task.seed, task.count);
const calls: Promise<void>[] = [];
for (let place = task.from; place < Math.min(task.until, stream.length); place += SIZE) {
  calls.push(send(place));
  if (calls.length % AT_ONCE === 0) await calls.at(-1);
}
await Promise.all(calls);
await writer.flushed();
say({ said: "done" });

async function send(from: number): Promise<void> {
  const outcomes = await writer.submit(stream.slice(from, Math.min(from + SIZE, task.until)));
  for (const [at, { seq }] of outcomes.entries()) say({ said: "answered", place: from + at, seq });
}
