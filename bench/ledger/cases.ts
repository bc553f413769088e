import { closedLoop, type Done, openLoop } from "../load.ts";
import { quantile } from "../report.ts";
import type { Case } from "../rounds.ts";
import type { Mix } from "./chart.ts";
import { pairs, transfers } from "./mixes.ts";
import type { BenchLedger } from "./open-ledger.ts";
import type { RowLock } from "./row-lock.ts";

/** How many batches of each size wait for the writer at a time, so that it never waits for them. */
export const BATCHES_IN_FLIGHT: Readonly<Record<number, number>> = { 1000: 8, 100: 2 };

/** How many transfers a second are asked for one by one, whatever becomes of them. */
export const UNARY_PER_SECOND = 5000;

/** What is measured, each for some milliseconds: the ledger, and the baseline right after it. */
export function ledgerCases(ledger: BenchLedger, rowLock: RowLock, ms: number): Case[] {
  return [
    batches(ledger, { size: 1000, mix: "uniform", ms }),
    batches(ledger, { size: 1000, mix: "zipf", ms }),
    batches(ledger, { size: 1000, mix: "hot", ms }),
    locked(rowLock, { mix: "uniform", ms }),
    batches(ledger, { size: 100, mix: "uniform", ms }),
    batches(ledger, { size: 100, mix: "hot", ms }),
    locked(rowLock, { mix: "hot", ms }),
    twoPhase(ledger, ms),
    unary(ledger, ms),
  ];
}

type Batches = { readonly size: number; readonly mix: Mix; readonly ms: number };

function batches({ create }: BenchLedger, { size, mix, ms }: Batches): Case {
  return async () => {
    const load = { inFlight: BATCHES_IN_FLIGHT[size]!, ms };
    const done = await closedLoop(load, () => create(transfers(mix, size)));
    return figures(`batch ${size} ${mix}`, done);
  };
}

function locked({ transfer, connections }: RowLock, { mix, ms }: Omit<Batches, "size">): Case {
  return async () => {
    const done = await closedLoop({ inFlight: connections, ms }, () => transfer(mix));
    return figures(`row lock ${mix}`, done);
  };
}

function twoPhase({ create }: BenchLedger, ms: number): Case {
  const pair = async () => {
    const { holds, posts } = pairs(1000);
    await create(holds);
    return create(posts);
  };
  return async () => {
    const done = await closedLoop({ inFlight: BATCHES_IN_FLIGHT[1000]!, ms }, pair);
    return figures("two-phase pairs", done);
  };
}

function unary({ create }: BenchLedger, ms: number): Case {
  return async () => {
    const load = { perSecond: UNARY_PER_SECOND, ms };
    return figures("unary open loop", await openLoop(load, () => create(transfers("uniform", 1))));
  };
}

function figures(name: string, { perSecond, latenciesMs }: Done): Record<string, number> {
  const [p50, p99] = [quantile(latenciesMs, 0.5), quantile(latenciesMs, 0.99)];
  return { [name]: perSecond, [`${name}, p50`]: p50, [`${name}, p99`]: p99 };
}
