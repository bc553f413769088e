import { uuidOf } from "#mesh/ids.ts";
import { createNaiveEngine } from "../../../services/matching/domain/naive-engine.ts";
import type { NaiveOrder } from "../../../services/matching/domain/naive-state.ts";
import { CommandReader } from "../../../services/matching/domain/command-log.ts";
import { CommandRecord } from "../../../services/matching/domain/command-record.ts";
import type { Event, OrderFacts } from "../../../services/matching/domain/event.ts";
import { tradeMoney } from "../../../services/matching/domain/event-money.ts";
import { fromRecord } from "../../../services/matching/domain/from-record.ts";
import { needMinor, type Scales } from "../../../services/matching/domain/money.ts";
import { type JournalRow, journalCrc32 } from "../../../services/matching/store/journal.ts";
import { bookTrade, type Moves, newMoves, purseOf } from "./moves.ts";

/** A market as its row has it. */
export type MarketRow = {
  readonly no: number;
  readonly symbol: string;
  readonly base: string;
  readonly quote: string;
  readonly scales: Scales;
};

/** What became of an order, as all should see it. */
export type OracleOrder = {
  readonly owner: string;
  readonly market: string;
  state: string;
  facts: OrderFacts;
};

/** What has to be true after the commands of a journal, by the naive engine alone. */
export type Oracle = Moves & {
  /** What is wrong with the journal itself. */
  readonly gaps: readonly string[];
  /** By the 32 hex digits of their ids. */
  readonly orders: ReadonlyMap<string, OracleOrder>;
  /** What live orders need held, by their holds. */
  readonly needs: ReadonlyMap<string, { readonly purse: string; readonly minor: bigint }>;
  /** The prices of each market with the lots that show: "BUY 5000 17", the best first. */
  readonly books: ReadonlyMap<string, readonly string[]>;
};

/** Applies a journal from its first batch to the oracle. */
export function oracleOf(journal: readonly JournalRow[], markets: readonly MarketRow[]): Oracle {
  const engine = createNaiveEngine();
  const { state } = engine;
  const orders = new Map<string, OracleOrder>();
  const moves = newMoves();
  const marketOf = (no: number) => markets.find((one) => one.no === no)!;
  const ownerOf = (account: number) => uuidOf(state.accounts.get(account)!.owner);
  const ratesOf = (tier: number) => state.tiers.get(tier)!;
  const note = (event: Event, facts: OrderFacts) => {
    const known = orders.get(facts.order);
    const becomes = stateAfter(event, facts) ?? known!.state;
    const { symbol: market } = marketOf(event.market);
    orders.set(facts.order, { owner: ownerOf(facts.account), market, state: becomes, facts });
  };
  const hear = (event: Event) => {
    for (const facts of concerned(event)) note(event, facts);
    if (event.kind !== "TRADE") return;
    const market = marketOf(event.market);
    bookTrade(moves, { event, market, ownerOf, money: tradeMoney(event, ratesOf, market.scales) });
  };
  for (const { atMs, commands } of journal) {
    const reader = new CommandReader(commands);
    const record = new CommandRecord();
    while (reader.next(record)) engine.apply(fromRecord(record), atMs).events.forEach(hear);
  }
  const needs = new Map<string, { purse: string; minor: bigint }>();
  for (const order of state.orders.values()) {
    const market = marketOf(order.market.number);
    const minor = needMinor(heldOf(order), ratesOf(order.terms.tier), market.scales);
    const asset = order.terms.side === "BUY" ? market.quote : market.base;
    const before = needs.get(order.hold)?.minor ?? 0n;
    const purse = purseOf(ownerOf(order.account), asset);
    needs.set(order.hold, { purse, minor: minor > before ? minor : before }); // of a pair the larger
  }
  const books = new Map(
    [...state.markets.values()].map(({ number, bids, asks }) => {
      return [marketOf(number).symbol, [...levelsOf("BUY", bids), ...levelsOf("SELL", asks)]];
    }),
  );
  return { gaps: gapsOf(journal), orders, needs, books, ...moves };
}

function heldOf({ terms: { side, quoteMinor }, ...order }: NaiveOrder) {
  return { ...order, side, quoteMinor };
}

/** Whether batches and commands follow one another, with the checksums that they were written with. */
export function gapsOf(journal: readonly JournalRow[]): string[] {
  const gaps: string[] = [];
  let [batch, seq, atMs] = [0, 0, 0];
  for (const row of journal) {
    if (row.batch !== batch + 1) gaps.push(`batch ${row.batch} comes after ${batch}`);
    if (row.firstSeq !== seq + 1)
      gaps.push(`batch ${row.batch} begins at ${row.firstSeq}, not ${seq + 1}`);
    if (row.atMs < atMs) gaps.push(`batch ${row.batch} is earlier than the one before`);
    if (journalCrc32(row) !== row.crc32) gaps.push(`the checksum of batch ${row.batch} is another`);
    ({ batch, lastSeq: seq, atMs } = row);
  }
  return gaps;
}

function levelsOf(side: string, orders: readonly NaiveOrder[]): string[] {
  const levels = [...Map.groupBy(orders, ({ price }) => price)];
  return levels.map(([price, all]) => {
    return `${side} ${price} ${all.reduce((sum, { shown }) => sum + shown, 0)}`;
  });
}

function concerned(event: Event): OrderFacts[] {
  if (event.kind === "STATE") return [];
  return "taker" in event ? [event.taker, event.maker] : [event.facts];
}

function stateAfter(event: Event, facts: OrderFacts): string | undefined {
  switch (event.kind) {
    case "ACCEPTED":
      return event.isWaiting ? "PENDING_TRIGGER" : "NEW";
    case "TRIGGERED":
      return "NEW";
    case "TRADE":
      return facts.remaining === 0 ? "FILLED" : "PARTIALLY_FILLED";
    case "CLOSED":
      return "FILLED";
    case "PREVENTED": {
      const isOver = facts === event.taker ? event.takerEnds : event.makerEnds;
      return isOver ? "EXPIRED_IN_MATCH" : undefined;
    }
    case "REJECTED":
    case "CANCELLED":
    case "EXPIRED":
      return event.kind;
    default:
      return undefined;
  }
}

/** The states of orders that are over. */
export const overStates: ReadonlySet<string> = new Set([
  "FILLED",
  "CANCELLED",
  "EXPIRED",
  "EXPIRED_IN_MATCH",
  "REJECTED",
]);
