import type { Connection } from "#mesh/database/connection.ts";
import type { Fence } from "#mesh/database/shard-row.ts";
import { SHARD_LEASE_MS } from "#mesh/limits.ts";
import { toArray, toBytesArray, toTextArray } from "./arrays.ts";
import type { JournalRow } from "./journal.ts";
import { changedOrderColumns, newOrderColumns } from "./order-columns.ts";
import type { RequestRow, ResultRows } from "./result-rows.ts";

/** The SQLSTATE by which a writer is refused whose fence has fallen (X3). */
export const FENCE_LOST = "MZ001";

/** Journals a batch in one round trip; returns the database's time in microseconds since 1970. */
export async function storeBatch(
  connection: Connection,
  { shard, epoch }: Fence,
  row: JournalRow,
): Promise<number> {
  const { batch, firstSeq, lastSeq, atMs, crc32, eventsBatch, eventsCrc32, commands, texts } = row;
  const numbers = [batch, firstSeq, lastSeq, atMs, crc32, eventsBatch, eventsCrc32];
  const values = [shard, epoch, LEASE_US, ...numbers, commands, texts];
  const [answer] = await connection.query<{ now_us: number }>(journal, values);
  return answer!.now_us;
}

const LEASE_US = SHARD_LEASE_MS * 1000;

const journal =
  "select engine_journal($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) as now_us";

/** Stores the rows that batches have led to, after those up to a batch, in one round trip. */
export async function storeResults(
  connection: Connection,
  fence: Fence,
  { results, after }: { readonly results: ResultRows; readonly after: number },
): Promise<void> {
  const values: unknown[] = [];
  const calls: string[] = [];
  const call = (name: string, args: readonly unknown[]) => {
    const places = args.map((_, place) => `$${values.length + place + 1}`);
    values.push(...args);
    calls.push(`${name}(${places.join()})`);
  };
  call("engine_results", resultArguments(fence, results, after));
  const added = results.orders.filter(({ terms }) => terms !== undefined);
  const changed = results.orders.filter(({ terms }) => terms === undefined);
  if (added.length > 0) call("engine_new_orders", newOrderColumns(added));
  if (changed.length > 0) call("engine_changed_orders", changedOrderColumns(changed));
  const { requests } = results;
  if (requests.length > 0) call("engine_changed_requests", requestArguments(requests));
  await connection.query(`select ${calls.join()}`, values);
}

function resultArguments(
  { shard, epoch }: Fence,
  { batch, atMs, trades, releases, progress, events }: ResultRows,
  after: number,
): unknown[] {
  return [
    shard,
    epoch,
    after,
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

function requestArguments(requests: readonly RequestRow[]): unknown[] {
  return [
    toArray(requests, (request) => request.id),
    toBytesArray(requests, (request) => request.hash),
    toArray(requests, (request) => request.order ?? "null"),
    toArray(requests, (request) => request.ended),
    toArray(requests, (request) => request.atMs),
  ];
}
