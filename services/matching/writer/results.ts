import type { OwedRelease } from "../domain/owed-release.ts";
import type { EventRow, ProgressRow, ResultRows } from "../store/result-rows.ts";
import { collect, type Collected, type Done } from "./result-rows.ts";
import type { ResultSources } from "./result-sources.ts";
import { tradesExecuted } from "./trades-executed.ts";

/** What batches lead to outside of the books, until it is stored. */
export type Results = {
  /** Adds those of a batch that was just applied; returns what it frees of holds. */
  add(batch: Done): readonly OwedRelease[];
  /** How many rows wait; an event of nothing else counts too. */
  readonly rows: number;
  /** Hands over all that is to be stored; undefined when nothing is. */
  take(): ResultRows | undefined;
};

/** Begins to collect what batches lead to, after the batches whose rows are stored. */
export function createResults(sources: ResultSources, stored: readonly ProgressRow[]): Results {
  const progress = new Map(stored.map((row) => [row.market, row]));
  let pending = nothing();
  /** The events of a batch with trades, and how far its markets are after it. */
  const publish = (done: Done) => {
    const executed = collect(pending, done, sources);
    for (const [no, seq] of lastSeqs(done)) {
      const market = sources.market(no);
      const trades = executed.get(no) ?? [];
      const before = progress.get(market.symbol);
      const events = tradesExecuted(market, trades, before?.messages ?? 0);
      const row = {
        market: market.symbol,
        seq,
        tradeId: trades.at(-1)?.row.tradeId ?? before?.tradeId ?? 0,
        messages: (before?.messages ?? 0) + events.length,
      };
      pending.events.push(...events);
      pending.progress.set(row.market, row);
      progress.set(row.market, row);
    }
  };
  return {
    add(done) {
      const before = pending.releases.length;
      pending.batch = done.row.batch;
      pending.atMs = done.row.atMs;
      publish(done);
      return pending.releases.slice(before);
    },
    get rows() {
      const { batch, orders, trades, requests } = pending;
      return batch === 0 ? 0 : Math.max(1, orders.size + trades.length + requests.length);
    },
    take() {
      if (pending.batch === 0) return undefined;
      const { batch, atMs, orders, progress: rows, ...lists } = pending;
      pending = nothing();
      return { batch, atMs, orders: [...orders.values()], progress: [...rows.values()], ...lists };
    },
  };
}

type Pending = Collected & {
  batch: number;
  atMs: number;
  readonly progress: Map<string, ProgressRow>;
  readonly events: EventRow[];
};

function nothing(): Pending {
  const lists = { trades: [], releases: [], requests: [], events: [] };
  return { batch: 0, atMs: 0, orders: new Map(), progress: new Map(), ...lists };
}

/** The number of the last event of each market. */
function lastSeqs({ happened }: Done): Map<number, number> {
  return new Map(happened.map(({ event }) => [event.market, event.seq]));
}
