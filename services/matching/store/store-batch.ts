import type { Connection } from "#mesh/database/connection.ts";
import type { Fence } from "#mesh/database/shard-row.ts";
import { SHARD_LEASE_MS } from "#mesh/limits.ts";
import { toArray, toBytesArray, toTextArray } from "./arrays.ts";
import type { JournalRow } from "./journal.ts";
import { changedOrderColumns, newOrderColumns } from "./order-columns.ts";
import type { ResultRows } from "./result-rows.ts";

/** What one transaction of the writer stores: a batch, rows that earlier ones have led to, or both. */
export type Stored = {
  readonly row?: JournalRow | undefined;
  readonly results?: ResultRows | undefined;
  /** The last batch whose rows are stored already. */
  readonly resultsBatch: number;
};

/** The SQLSTATE by which a writer is refused whose fence has fallen (X3). */
export const FENCE_LOST = "MZ001";

/** Stores it in one round trip; returns the database's time in microseconds since 1970. */
export async function storeBatch(
  connection: Connection,
  fence: Fence,
  { row, results, resultsBatch }: Stored,
): Promise<number> {
  const values: unknown[] = [];
  const calls: string[] = [];
  const call = (name: string, args: readonly unknown[]) => {
    const places = args.map((_, place) => `$${values.length + place + 1}`);
    values.push(...args);
    calls.push(`${name}(${places.join()})`);
  };
  if (row !== undefined) call("engine_journal", journalArguments(fence, row));
  if (results !== undefined) {
    call("engine_results", resultArguments(fence, results, resultsBatch));
    const added = results.orders.filter(({ terms }) => terms !== undefined);
    const changed = results.orders.filter(({ terms }) => terms === undefined);
    if (added.length > 0) call("engine_new_orders", newOrderColumns(added));
    if (changed.length > 0) call("engine_changed_orders", changedOrderColumns(changed));
  }
  const [first, ...rest] = calls;
  const statement = [`select ${first} as now_us`, ...rest].join(", ");
  const [answer] = await connection.query<{ now_us: number }>(statement, values);
  return answer!.now_us;
}

const LEASE_US = SHARD_LEASE_MS * 1000;

function journalArguments({ shard, epoch }: Fence, row: JournalRow): unknown[] {
  const { batch, firstSeq, lastSeq, atMs, crc32, eventsBatch, eventsCrc32, commands, texts } = row;
  const numbers = [batch, firstSeq, lastSeq, atMs, crc32, eventsBatch, eventsCrc32];
  return [shard, epoch, LEASE_US, ...numbers, commands, texts];
}

function resultArguments(
  { shard, epoch }: Fence,
  { batch, atMs, trades, releases, progress, events }: ResultRows,
  resultsBatch: number,
): unknown[] {
  return [
    shard,
    epoch,
    LEASE_US,
    resultsBatch,
    batch,
    atMs,
    toTextArray(trades, (trade) => trade.market),
    toArray(trades, (trade) => trade.tradeId),
    toArray(trades, (trade) => trade.seq),
    toArray(trades, (trade) => trade.atMs),
    toArray(trades, (trade) => trade.lots),
    toArray(trades, (trade) => trade.takerOpen),
    toArray(trades, (trade) => trade.makerOpen),
    toArray(trades, (trade) => trade.price),
    toArray(trades, (trade) => trade.takerSide),
    toArray(trades, (trade) => trade.takerOrder),
    toArray(trades, (trade) => trade.makerOrder),
    toArray(trades, (trade) => trade.buyer),
    toArray(trades, (trade) => trade.seller),
    toArray(trades, (trade) => trade.buyerFeeMinor),
    toArray(trades, (trade) => trade.sellerFeeMinor),
    toArray(releases, (release) => release.hold),
    toArray(releases, (release) => release.step),
    toArray(releases, (release) => release.owner),
    toTextArray(releases, (release) => release.asset),
    toArray(releases, (release) => release.minor),
    toTextArray(progress, ({ market }) => market),
    toArray(progress, ({ seq }) => seq),
    toArray(progress, ({ tradeId }) => tradeId),
    toArray(progress, ({ messages }) => messages),
    toTextArray(events, (event) => event.stream),
    toArray(events, (event) => event.eventId),
    toTextArray(events, (event) => event.subject),
    toTextArray(events, (event) => event.key),
    toArray(events, (event) => event.seq ?? "null"),
    toBytesArray(events, (event) => event.payload.toHex()),
  ];
}
