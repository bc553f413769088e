import type { Command } from "../domain/command.ts";
import type { Event, OrderFacts, TradeEvent } from "../domain/event.ts";
import { releasesOf, tradeMoney } from "../domain/event-money.ts";
import { extraHoldMinor } from "../domain/extra-hold.ts";
import type { ListedMarket } from "../domain/listed-market.ts";
import { ocoHoldMinor } from "../domain/money.ts";
import type { OwedRelease } from "../domain/owed-release.ts";
import type { JournalRow } from "../store/journal.ts";
import type { OrderRow, RequestRow, TradeRow } from "../store/result-rows.ts";
import { commandsByPlace, type Happened } from "./events-of.ts";
import { changeRow, emptyRow, termsOf } from "./order-rows.ts";
import type { ResultSources } from "./result-sources.ts";
import type { BatchTexts } from "./texts.ts";
import type { Executed } from "./trades-executed.ts";

/** A batch that was applied, with what happened. */
export type Done = {
  readonly row: JournalRow;
  readonly texts: BatchTexts;
  readonly happened: readonly Happened[];
  /** Whether the command at a place was refused. */
  readonly isRefused: (place: number) => boolean;
};

/** Rows that batches have led to, in their order; an order is there once. */
export type Collected = {
  readonly orders: Map<string, OrderRow>;
  readonly trades: TradeRow[];
  readonly releases: OwedRelease[];
  readonly requests: RequestRow[];
};

type Step = {
  readonly into: Collected;
  readonly done: Done;
  readonly market: ListedMarket;
  readonly sources: ResultSources;
  /** The command by which it happened. */
  readonly command: () => Command;
};

/** Adds the rows of a batch; returns its trades by the number of their market. */
export function collect(
  into: Collected,
  done: Done,
  sources: ResultSources,
): Map<number, Executed[]> {
  addRequests(into, done);
  const commandAt = commandsByPlace(done.row.commands);
  const executed = new Map<number, Executed[]>();
  for (const happened of done.happened) {
    const { event, place } = happened;
    if (event.kind === "STATE") continue;
    const market = sources.market(event.market);
    const step = { into, done, market, sources, command: () => commandAt(place) };
    addOrders(happened, step);
    if (event.kind === "TRADE") {
      const trade = addTrade(event, step);
      const trades = executed.get(event.market);
      if (trades === undefined) executed.set(event.market, [trade]);
      else trades.push(trade);
    } else {
      addReleases(happened, step);
    }
  }
  return executed;
}

/** Adds the requests that have had their effect, even if that was none. */
function addRequests({ requests }: Collected, { row, texts, happened, isRefused }: Done): void {
  const commandAt = commandsByPlace(row.commands);
  for (const [place, { request }] of texts) {
    if (request === undefined || isRefused(place)) continue;
    const command = commandAt(place);
    const isEnd = (one: Happened) => one.place === place && one.event.kind === "CANCELLED";
    const ended = command.kind === "CANCEL_ALL" ? happened.filter(isEnd).length : 0;
    const order = "order" in command ? command.order : undefined;
    requests.push({ ...request, order, ended, atMs: row.atMs });
  }
}

function addOrders({ event, place }: Happened, step: Step): void {
  if (event.kind === "STATE") return;
  if (event.kind === "TRADE" || event.kind === "PREVENTED") {
    addOrder(event, event.taker, step);
    addOrder(event, event.maker, step);
    return;
  }
  const row = addOrder(event, event.facts, step);
  const command = step.command();
  if (event.kind === "ACCEPTED" || event.kind === "REJECTED") begin(row, event, { ...step, place });
  if (command.kind === "AMEND" && event.kind === "AMENDED") row.holdStep = command.holdStep;
}

function addOrder(event: Event, facts: OrderFacts, { into, done, market, sources }: Step) {
  const row = into.orders.get(facts.order) ?? emptyRow(facts.order);
  into.orders.set(facts.order, row);
  const rates = sources.rates(facts.tier);
  changeRow(row, { event, facts, rates, scales: market.scales, atMs: done.row.atMs });
  return row;
}

/** Fills in what never changes, and what an order begins with. */
function begin(
  row: OrderRow,
  event: Event & { kind: "ACCEPTED" | "REJECTED" },
  { done, place, market, sources, command }: Step & { readonly place: number },
): void {
  const { facts } = event;
  const rates = sources.rates(facts.tier);
  row.terms = termsOf(command(), facts, {
    owner: sources.owner(facts.account),
    market: market.symbol,
    rates,
    createdMs: done.row.atMs,
    seq: done.row.firstSeq + place,
    texts: done.texts.get(place) ?? {},
  });
  const placed = command();
  const isLimitLeg = placed.kind === "OCO" && placed.limit.order === facts.order;
  if (isLimitLeg && event.kind === "ACCEPTED") {
    row.heldMinor = ocoHoldMinor(placed, { limit: rates, stop: rates }, market.scales);
  }
  row.stopPrice = row.terms.stopPrice;
  row.lots += row.terms.lots;
}

function addTrade(event: TradeEvent, { into, done, market, sources }: Step): Executed {
  const { taker, maker } = event;
  const money = tradeMoney(event, sources.rates, market.scales);
  const isBuy = taker.side === "BUY";
  const row: TradeRow = {
    market: market.symbol,
    tradeId: event.tradeId,
    seq: event.seq,
    atMs: done.row.atMs,
    lots: event.lots,
    takerOpen: taker.remaining,
    makerOpen: maker.remaining,
    price: event.price,
    takerSide: taker.side,
    takerOrder: taker.order,
    makerOrder: maker.order,
    buyer: sources.owner((isBuy ? taker : maker).account),
    seller: sources.owner((isBuy ? maker : taker).account),
    buyerFeeMinor: money.buyerFeeMinor,
    sellerFeeMinor: money.sellerFeeMinor,
  };
  into.trades.push(row);
  return { row, money };
}

function addReleases({ event }: Happened, { into, market, sources, command }: Step): void {
  if (event.kind === "STATE") return;
  const { scales } = market;
  const extra = event.kind === "AMENDED" ? extraHoldMinor(command(), event.facts, scales) : 0n;
  for (const { facts, minor } of releasesOf(event, sources.rates, scales, extra)) {
    const asset = facts.side === "BUY" ? market.quote : market.base;
    const owner = sources.owner(facts.account);
    into.releases.push({ hold: facts.hold, step: facts.releases, owner, asset, minor });
  }
}
