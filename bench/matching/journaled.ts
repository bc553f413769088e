import type { RecordWriter } from "../../services/matching/writer/writer.ts";
import type { Submission } from "../../services/matching/writer/submission.ts";
import { closedLoop, type Done, openLoop } from "../load.ts";
import { quantile, type Row, row } from "../report.ts";
import { type Case, inTurn } from "../rounds.ts";
import { createSource, type FlowSource, submitGroup, toGroup } from "./command-groups.ts";
import { FLOW } from "./core.ts";
import { openDatabase, openWriter } from "./open-writer.ts";
import type { Place } from "./place.ts";
import { openRowJournal } from "./row-journal.ts";

/** How many commands a caller hands over at a time, and how many are measured; two callers take turns. */
const [LARGE, SMALL, STORED] = [
  { size: 4096, commands: 1_500_000 },
  { size: 512, commands: 750_000 },
  { size: 512, commands: 150_000 },
];

/** How many commands are due a second at a fixed rate, and in how many groups. */
export const FIXED = { perSecond: 50_000, groups: 1000 };

/**
 * Measures the writer: commands that are answered when their batch is committed and applied, against
 * a row and a commit for each. Throws when the books are not what the flow has made them.
 */
export async function measureJournal(place: Place, rounds: number, ms: number): Promise<Row[]> {
  await using db = await openDatabase(place.url);
  await using storedDb = await openDatabase(place.storedUrl);
  await using writer = await openWriter(db, { hasResults: false });
  await using storing = await openWriter(storedDb, { hasResults: true });
  await using rows = await openRowJournal(place.url);
  const flow = createSource({ ...FLOW, mix: "exchange-core" });
  const stored = createSource({ ...FLOW, mix: "exchange-core" });
  for (const [each, source] of [
    [writer, flow],
    [storing, stored],
  ] as const) {
    await submitGroup(each, toGroup(source.setUp));
    for (const group of source.drawGroups(FLOW.orders, FLOW.orders)) await submitGroup(each, group);
  }
  const journaled = await inTurn(
    [
      flatOut("journaled", { writer, flow, ...LARGE }),
      flatOut("journaled, 512 at a time", { writer, flow, ...SMALL }),
      async () => atFixedRate(writer, flow, ms),
      async () => ({
        [ROWS]: (await closedLoop({ inFlight: rows.connections, ms }, rows.next)).perSecond,
      }),
    ],
    rounds,
  );
  // Not in turn with the others: what a checkpoint has to write of its rows would slow them down.
  const withRows = await inTurn([async () => storeRows(storing, stored)], rounds);
  for (const [each, source] of [
    [writer, flow],
    [storing, stored],
  ] as const) {
    const [is, wanted] = [each.engine.liveOrders, source.liveOrders()];
    if (is !== wanted) throw new Error(`${is} orders live, and not ${wanted}`);
  }
  return toRows({ ...journaled, ...withRows });
}

type Load = {
  readonly writer: RecordWriter;
  readonly flow: FlowSource;
  readonly size: number;
  readonly commands: number;
};

function flatOut(name: string, { writer, flow, size, commands }: Load): Case {
  return async () => {
    const groups = flow.drawGroups(commands, size);
    return figures(name, await byTwo(groups, async (group) => submitGroup(writer, group)));
  };
}

/** Everything that the service does but its wire and its holds. */
async function storeRows(writer: RecordWriter, flow: FlowSource) {
  const all = flow.drawSubmissions(STORED.commands);
  const groups = Array.from({ length: Math.ceil(all.length / STORED.size) }, (_, at) =>
    all.slice(at * STORED.size, (at + 1) * STORED.size),
  );
  const done = await byTwo(groups, async (group) => submit(writer, group));
  await writer.flushed();
  return figures("journaled, with rows of orders and trades", done);
}

async function submit(writer: RecordWriter, group: readonly Submission[]): Promise<number> {
  const outcomes = await writer.submit(group);
  const refused = outcomes.find(({ refusal }) => refusal !== undefined);
  if (refused !== undefined) throw new Error(`a command was refused: ${refused.refusal}`);
  return group.length;
}

async function atFixedRate(writer: RecordWriter, flow: FlowSource, ms: number) {
  const { perSecond, groups } = FIXED;
  const drawn = flow.drawGroups((perSecond * ms) / 1000, perSecond / groups).values();
  const done = await openLoop({ perSecond: groups, ms }, async () =>
    submitGroup(writer, drawn.next().value!),
  );
  return figures("journaled at a fixed rate", done);
}

/** While one group is committed the next one is collected. */
async function byTwo<G>(groups: readonly G[], work: (group: G) => Promise<number>): Promise<Done> {
  const left = groups.values();
  const latenciesMs: number[] = [];
  const startMs = performance.now();
  let commands = 0;
  const caller = async () => {
    for (const group of left) {
      const sentMs = performance.now();
      commands += await work(group);
      latenciesMs.push(performance.now() - sentMs);
    }
  };
  await Promise.all([caller(), caller()]);
  return { perSecond: (commands / (performance.now() - startMs)) * 1000, latenciesMs };
}

function figures(name: string, { perSecond, latenciesMs }: Done): Record<string, number> {
  const [p50, p99] = [quantile(latenciesMs, 0.5), quantile(latenciesMs, 0.99)];
  return { [name]: perSecond, [`${name}, p50`]: p50, [`${name}, p99`]: p99 };
}

const ROWS = "a row and a commit a command";

function toRows(found: Readonly<Record<string, readonly number[]>>): Row[] {
  const slow = row(ROWS, "commands/s", found[ROWS]!);
  const names = ["journaled", "journaled, 512 at a time", "journaled at a fixed rate"];
  const rows = [...names, "journaled, with rows of orders and trades"].flatMap((name) => [
    row(name, "commands/s", found[name]!, slow),
    row(`${name}, p50`, "ms", found[`${name}, p50`]!),
    row(`${name}, p99`, "ms", found[`${name}, p99`]!),
  ]);
  return rows.concat(slow);
}
