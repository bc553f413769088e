import { closedLoop, openLoop } from "./load.ts";
import { quantile, type Report, type Row, row } from "./report.ts";
import { type Case, inTurn } from "./rounds.ts";
import { openClassic } from "./withdrawals/classic.ts";
import { CREDIT, MERCHANTS, openPlatform, POOL } from "./withdrawals/platform.ts";
import { cpuMsOf } from "./withdrawals/processes.ts";
import { type Callers, openCallers } from "./withdrawals/target.ts";

/** How often each case is measured, and for how long. */
const usual = { rounds: 3, ms: 10_000 };

/**
 * Measures withdrawals from the router to the bank and back, on the platform as `npm start` has it,
 * against a process that does the classic thing: a transaction with locked rows, the call of the
 * bank, another transaction. Throws when credit, pool, bank and withdrawals do not agree to the unit
 * afterwards (L13).
 */
export async function bench({ rounds, ms } = usual): Promise<Report> {
  await using platform = await openPlatform();
  await using classic = await openClassic(platform);
  using ours = openCallers(platform.target, CALLERS);
  using theirs = openCallers(classic.target, CALLERS);
  const { pids } = platform.dev;
  const cases = [
    casesOf({ name: "", callers: ours, pids: Object.values(pids), ms }),
    casesOf({
      name: "classic, ",
      callers: theirs,
      pids: [classic.pid, pids["postgres"]!, pids["simulators"]!],
      ms,
    }),
  ].flat();
  const renewed = cases.map((measure) => async () => {
    await platform.renew();
    return measure();
  });
  const found = await inTurn(renewed, rounds);
  await platform.settled();
  await platform.verify(await classic.paid());
  return { bench: "withdrawals", input: describe(ms), rows: toRows(found) };
}

type Side = {
  readonly name: string;
  readonly callers: Callers;
  readonly pids: readonly number[];
  readonly ms: number;
};

function casesOf({ name, callers, pids, ms }: Side): Case[] {
  const open = async () => {
    const beforeMs = cpuMsOf(pids);
    const load = { perSecond: PER_SECOND, ms };
    const { perSecond, latenciesMs } = await openLoop(load, callers.withdraw);
    const tookMs = cpuMsOf(pids) - beforeMs;
    const count = latenciesMs.length;
    return {
      [`${name}end to end`]: perSecond,
      [`${name}end to end, p50`]: quantile(latenciesMs, 0.5),
      [`${name}end to end, p99`]: quantile(latenciesMs, 0.99),
      ...notPaid(callers, `${name}end to end`),
      [`${name}server CPU`]: tookMs / count,
    };
  };
  const closed = async () => {
    const beforeMs = cpuMsOf(pids);
    const load = { inFlight: CALLERS, ms };
    const { perSecond, latenciesMs } = await closedLoop(load, callers.withdraw);
    const tookMs = cpuMsOf(pids) - beforeMs;
    return {
      [`${name}end to end flat out`]: perSecond,
      ...notPaid(callers, `${name}end to end flat out`),
      [`${name}server CPU flat out`]: tookMs / latenciesMs.length,
    };
  };
  return [open, closed];
}

/** How many were refused and asked again, or answered with something else than the payment. */
function notPaid(callers: Callers, name: string): Readonly<Record<string, number>> {
  let [refused, errors] = [0, 0];
  for (const [what, count] of callers.others()) {
    if (what.startsWith("429 ")) refused += count;
    else {
      errors += count;
      console.error(`${name}: ${count} × ${what}`);
    }
  }
  return { [`${name}, errors`]: errors, [`${name}, asked again`]: refused };
}

const CALLERS = 500;
const PER_SECOND = 1000;

function describe(ms: number): string {
  return (
    `the platform of npm start, ${MERCHANTS} merchants with a limit of ${CREDIT} each, a pool of ` +
    `${POOL}; withdrawals of 1.00 by ${CALLERS} callers over HTTP with JSON through the router, ` +
    `until a simulated bank that answers at once has paid; ${ms / 1000} s a run; end to end: ` +
    `${PER_SECOND} are due a second, and count from when they are due; flat out: each caller asks ` +
    `as soon as it is answered; server CPU: of all processes but the one that asks, PostgreSQL, ` +
    `nats-server and the simulated bank too; classic: one process on the same edge without a ` +
    `router, in the same PostgreSQL; two functions with locked rows, one before and one after the ` +
    `bank is called for each withdrawal; totals of credit, pool and bank are compared afterwards`
  );
}

function toRows(found: Readonly<Record<string, readonly number[]>>): Row[] {
  const of = (name: string, unit: string, baseline?: Row) =>
    row(name, unit, found[name]!, baseline);
  const names = [
    ["end to end", "withdrawals/s"],
    ["end to end, p50", "ms"],
    ["end to end, p99", "ms"],
    ["end to end, errors", "calls"],
    ["end to end, asked again", "calls"],
    ["end to end flat out", "withdrawals/s"],
    ["end to end flat out, errors", "calls"],
    ["end to end flat out, asked again", "calls"],
    ["server CPU", "ms"],
    ["server CPU flat out", "ms"],
  ] as const;
  const theirs = names.map(([name, unit]) => of(`classic, ${name}`, unit));
  const compared = names.map(([name, unit], at) => {
    const baseline = theirs[at]!;
    return of(name, unit, baseline.value > 0 ? baseline : undefined);
  });
  return [...compared, ...theirs];
}
