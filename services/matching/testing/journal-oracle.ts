import assert from "node:assert";
import type { Database } from "#mesh/database/connect.ts";
import { openConnection } from "#mesh/database/connection.ts";
import { hexOf } from "#mesh/ids.ts";
import { CommandReader } from "../domain/command-log.ts";
import { CommandRecord } from "../domain/command-record.ts";
import type { Command } from "../domain/command.ts";
import type { Event, OrderFacts, TradeEvent } from "../domain/event.ts";
import { extraHoldMinor } from "../domain/extra-hold.ts";
import { type RatesOf, releasesOf, tradeMoney } from "../domain/event-money.ts";
import { fromRecord } from "../domain/from-record.ts";
import { feeMinor } from "../domain/money.ts";
import { createNaiveEngine, type NaiveEngine } from "../domain/naive-engine.ts";
import type { NaiveOrder } from "../domain/naive-state.ts";
import { readJournal } from "../store/journal.ts";
import { readMarkets } from "../store/markets.ts";
import type { ListedMarket } from "../domain/listed-market.ts";
import type { Tables } from "../store/tables.ts";

/** What the naive engine makes of a journal. */
export type Told = {
  readonly naive: NaiveEngine;
  readonly batches: number;
  readonly events: readonly Event[];
  /** The commands that events of amendments are of. */
  readonly amends: ReadonlyMap<Event, Command>;
  /** The ids of the orders that were placed, in their order; what was refused for good is not here. */
  readonly placed: readonly string[];
};

/** Applies the whole journal to the naive engine. */
export async function tellJournal({ url }: Database<Tables>): Promise<Told> {
  await using connection = await openConnection({ url, name: "oracle" });
  const rows = await readJournal(connection, { shard: 0, after: 0, until: 2 ** 40 });
  const naive = createNaiveEngine();
  const record = new CommandRecord();
  const events: Event[] = [];
  const amends = new Map<Event, Command>();
  for (const { commands, atMs } of rows) {
    const reader = new CommandReader(commands);
    while (reader.next(record)) {
      const command = fromRecord(record);
      const happened = naive.apply(command, atMs).events;
      events.push(...happened);
      const amended = happened.find(({ kind }) => kind === "AMENDED");
      if (amended !== undefined) amends.set(amended, command);
    }
  }
  const placed = events.flatMap((event) => (event.kind === "ACCEPTED" ? [event.facts.order] : []));
  return { naive, batches: rows.length, events, amends, placed };
}

/**
 * Fails unless the stored orders, trades, releases and messages are those that the naive engine
 * makes of the journal, each once, as of its last batch.
 */
export async function checkRows(db: Database<Tables>, told: Told): Promise<void> {
  await using connection = await openConnection({ url: db.url, name: "oracle" });
  const read = async (text: string) => connection.query<Record<string, unknown>>(text);
  const [markets, { naive, events, amends, batches }] = [await readMarkets(db.sql), told];
  const [shard] = await read(
    "select last_batch, batch from engine_shard join engine_progress using (shard)",
  );
  assert.deepStrictEqual(shard, { last_batch: batches, batch: batches });
  const sources = { market: (no: number) => markets[no - 1]!, naive, amends };
  const trades = events.filter((event) => event.kind === "TRADE");
  assert.deepStrictEqual(
    new Set((await read("select * from trade")).map(showTrade)),
    new Set(trades.map((event) => sayTrade(event, sources))),
  );
  const [count] = await read("select count(*) as trades from trade");
  assert.strictEqual(count!["trades"], trades.length);
  assert.deepStrictEqual(
    (await read("select hold_id, step, asset, amount_minor from release"))
      .map((row) => [row["hold_id"], row["step"], row["asset"], row["amount_minor"]].join())
      .toSorted(),
    events.flatMap((event) => sayReleases(event, sources)).toSorted(),
  );
  const stored = await read("select * from orders");
  assert.deepStrictEqual(stored.map(showOrder).toSorted(), sayOrders(events, sources).toSorted());
}

type Sources = {
  readonly market: (no: number) => ListedMarket;
  readonly naive: NaiveEngine;
  readonly amends: Told["amends"];
};

const ratesIn =
  ({ state }: NaiveEngine): RatesOf =>
  (tier) =>
    state.tiers.get(tier)!;

function showTrade(row: Record<string, unknown>): string {
  const { market, trade_id: id, price, lots, taker_order: taker, maker_order: maker } = row;
  const ids = [taker, maker].map((uuid) => hexOf(uuid as string));
  const fees = [row["buyer_fee_minor"], row["seller_fee_minor"]];
  const opens = [row["taker_open"], row["maker_open"]];
  return [market, id, row["seq"], price, lots, row["taker_side"], ...ids, ...fees, ...opens].join();
}

function sayTrade(event: TradeEvent, { market, naive }: Sources): string {
  const { symbol, scales } = market(event.market);
  const { taker, maker, tradeId, seq, price, lots } = event;
  const { buyerFeeMinor, sellerFeeMinor } = tradeMoney(event, ratesIn(naive), scales);
  const numbers = [symbol, tradeId, seq, price, lots, taker.side, taker.order, maker.order];
  return [...numbers, buyerFeeMinor, sellerFeeMinor, taker.remaining, maker.remaining].join();
}

function sayReleases(event: Event, { market, naive, amends }: Sources): string[] {
  if (event.kind === "STATE") return [];
  const { base, quote, scales } = market(event.market);
  const isAmended = event.kind === "AMENDED";
  const extra = isAmended ? extraHoldMinor(amends.get(event)!, event.facts, scales) : 0n;
  return releasesOf(event, ratesIn(naive), scales, extra).map(({ facts, minor }) => {
    const hold = facts.hold.replace(/(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
    return [hold, facts.releases, facts.side === "BUY" ? quote : base, minor].join();
  });
}

function showOrder(row: Record<string, unknown>): string {
  const { id, state, remaining, price, seq, releases, lots } = row;
  const filled = [row["filled_lots"], row["filled_units"], row["taker_lots"], row["taker_units"]];
  const rest = [row["reserve_price"], row["prevented_lots"], row["fee_minor"]];
  const isLive = ["PENDING_TRIGGER", "NEW", "PARTIALLY_FILLED"].includes(state as string);
  const values = [remaining, price, seq, releases, ...filled, ...rest];
  return [hexOf(id as string), state, ...values, isLive ? lots : ""].join();
}

/** The orders as their last events leave them; the live ones are as the naive engine has them. */
function sayOrders(events: readonly Event[], sources: Sources): string[] {
  const { naive } = sources;
  const last = new Map<string, Last>();
  const note = (event: Event, facts: OrderFacts, prevented = 0) => {
    const before = last.get(facts.order);
    const all = (before?.prevented ?? 0) + prevented;
    const state = stateOf(event, facts) ?? before!.state;
    last.set(facts.order, { event, facts, state, prevented: all });
  };
  for (const event of events) {
    if (event.kind === "STATE") continue;
    if (event.kind === "TRADE" || event.kind === "PREVENTED") {
      const [taken, made] =
        event.kind === "TRADE" ? [0, 0] : [event.takerPrevented, event.makerPrevented];
      note(event, event.taker, taken);
      note(event, event.maker, made);
    } else {
      note(event, event.facts);
    }
  }
  return [...last.values()].map((one) => {
    const live = naive.state.orders.get(one.facts.order);
    return sayOrder(one, live, sources);
  });
}

type Last = {
  readonly event: Event;
  readonly facts: OrderFacts;
  readonly state: string;
  readonly prevented: number;
};

function stateOf(event: Event, facts: OrderFacts): string | undefined {
  if (event.kind === "ACCEPTED") return event.isWaiting ? "PENDING_TRIGGER" : "NEW";
  if (event.kind === "TRIGGERED") return "NEW";
  if (event.kind === "TRADE") return facts.remaining === 0 ? "FILLED" : "PARTIALLY_FILLED";
  if (event.kind === "CLOSED") return "FILLED";
  if (event.kind === "AMENDED") return undefined;
  if (event.kind !== "PREVENTED") return event.kind;
  const isOver = facts === event.taker ? event.takerEnds : event.makerEnds;
  return isOver ? "EXPIRED_IN_MATCH" : undefined;
}

function sayOrder(one: Last, live: NaiveOrder | undefined, { market, naive }: Sources): string {
  const { event, facts, state, prevented } = one;
  const { scales } = market(event.market);
  const remaining = live?.remaining ?? 0;
  const { price, releases, filledLots, filledUnits, takerLots, takerUnits, reservePrice } = facts;
  const filled = [filledLots, filledUnits, takerLots, takerUnits];
  const fee = feeMinor(facts, ratesIn(naive)(facts.tier), scales.quoteScale);
  const values = [remaining, price, event.seq, releases, ...filled, reservePrice, prevented, fee];
  return [facts.order, state, ...values, live?.lots ?? ""].join();
}
