import { type Case, inTurn } from "../rounds.ts";
import { type Row, row } from "../report.ts";
import { runEngine } from "./engine-run.ts";
import { type ExchangeCore, openExchangeCore } from "./exchange-core/open-exchange-core.ts";
import { expectSame, type Found } from "./found.ts";
import { countScavenges } from "./garbage.ts";
import { latencyRows, measureLatency } from "./latency.ts";
import { type Logs, toLogs } from "./logs.ts";
import { runNodejsOrderBook } from "./nodejs-order-book.ts";
import { beginning, recordTape, type Tape } from "./tape.ts";
import { countMoney, type Money } from "./with-money.ts";

/** How many commands are measured in a run: of our book and exchange-core's, and of the slow one. */
export const [COMMANDS, FEWER] = [3_000_000, 200_000];

/** What the books of the bench are like. */
export const FLOW = { seed: 1, users: 1000, orders: 1000, price: 60_000 } as const;

/** Measures the book alone, in this process, beside two others that get the same commands. */
export async function measureCore(rounds: number): Promise<Row[]> {
  const tapes = {
    "exchange-core mix": recordTape({ ...FLOW, mix: "exchange-core" }, COMMANDS),
    "insert-heavy mix": recordTape({ ...FLOW, mix: "insert-heavy" }, COMMANDS),
  };
  await using theirs = await openExchangeCore(tapes);
  const cases: Case[] = [];
  for (const [mix, tape] of Object.entries(tapes)) {
    const logs = toLogs(tape);
    await compare(mix, tape, theirs);
    cases.push(async () => ({ [mix]: runEngine(logs).perSecond }));
    cases.push(async () => slower(mix, tape));
    if (theirs)
      cases.push(async () => ({ [`exchange-core, ${mix}`]: await rate(theirs, mix, tape) }));
    if (mix === "exchange-core mix") cases.push(...alone(logs, tape));
  }
  return toRows(await inTurn(cases, rounds));
}

function slower(mix: string, tape: Tape) {
  return { [`nodejs-order-book, ${mix}`]: runNodejsOrderBook(beginning(tape, FEWER)).perSecond };
}

async function rate(theirs: ExchangeCore, mix: string, tape: Tape): Promise<number> {
  return (await theirs.run(mix, tape)).perSecond;
}

/** What nobody else is measured at. */
function alone(logs: Logs, tape: Tape): Case[] {
  const short = toLogs(beginning(tape, MILLION));
  return [
    async () => ({ "with holds, fees, events": withMoney(logs).perSecond }),
    async () => measureLatency(short),
    async () => ({ "collections in a million commands": countScavenges(short) }),
  ];
}

const MILLION = 1_000_000;

function withMoney(logs: Logs): Found {
  const money: Money = { held: 0n, used: 0n, freed: 0n, units: 0 };
  const found = runEngine(logs, countMoney(money));
  if (money.units === 0) throw new Error("nothing was traded");
  return found;
}

/** Throws unless all books are the same after the same commands. */
async function compare(mix: string, tape: Tape, theirs: ExchangeCore | undefined): Promise<void> {
  const short = beginning(tape, FEWER);
  const ours = runEngine(toLogs(short));
  expectSame("nodejs-order-book", ours, runNodejsOrderBook(short));
  if (theirs) expectSame("exchange-core", ours, await theirs.run(mix, short));
}

function toRows(found: Readonly<Record<string, readonly number[]>>): Row[] {
  const of = (name: string, unit: string, baseline?: Row) =>
    row(name, unit, found[name]!, baseline);
  const compared = ["exchange-core mix", "insert-heavy mix"].flatMap((mix) => {
    const slow = of(`nodejs-order-book, ${mix}`, "commands/s");
    const rows = [of(mix, "commands/s", slow), slow];
    if (found[`exchange-core, ${mix}`] === undefined) return rows;
    const fast = of(`exchange-core, ${mix}`, "commands/s");
    const beside = row(`${mix}, beside exchange-core`, "commands/s", found[mix]!, fast);
    return rows.concat(beside, fast);
  });
  return [
    ...compared,
    of("with holds, fees, events", "commands/s"),
    ...latencyRows.map((name) => of(name, "µs")),
    of("collections in a million commands", "scavenges"),
  ];
}
