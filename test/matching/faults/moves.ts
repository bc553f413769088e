import { derivedId } from "#mesh/ids.ts";
import type { TradeEvent } from "../../../services/matching/domain/event.ts";
import type { TradeMoney } from "../../../services/matching/domain/event-money.ts";

/** What trades have moved. Amounts are minor units; a purse is an owner's money of an asset. */
export type Moves = {
  /** The transfers of FLOW-16 by their ids. */
  readonly transfers: Map<string, bigint>;
  /** How much more each purse has, in all, than without trades. */
  readonly moved: Map<string, bigint>;
  /** What each hold was used for, or freed by fills. */
  readonly used: Map<string, bigint>;
  /** Each trade in a few words, by market and number. */
  readonly trades: Map<string, string>;
};

/** Nothing has moved. */
export function newMoves(): Moves {
  return { transfers: new Map(), moved: new Map(), used: new Map(), trades: new Map() };
}

/** The money of an owner, by a UUID. */
export function purseOf(owner: string, asset: string): string {
  return `${owner} ${asset}`;
}

/** A trade, with who and what it is about. */
type Booked = {
  readonly event: TradeEvent;
  readonly market: { readonly symbol: string; readonly base: string; readonly quote: string };
  readonly ownerOf: (account: number) => string;
  readonly money: TradeMoney;
};

/** Adds a trade as billing has to book it. */
export function bookTrade(moves: Moves, { event, market, ownerOf, money }: Booked): void {
  const { tradeId, taker, maker, price, lots } = event;
  const { symbol, base, quote } = market;
  const [buyer, seller] = taker.side === "BUY" ? [taker, maker] : [maker, taker];
  const { quoteMinor, baseMinor, buyerFeeMinor, sellerFeeMinor, freedMinor } = money;
  const legs = [quoteMinor, baseMinor, buyerFeeMinor, sellerFeeMinor, freedMinor];
  for (const [leg, minor] of legs.entries()) {
    if (minor > 0n) moves.transfers.set(legId(symbol, tradeId, leg + 1), minor);
  }
  const [buys, sells] = [ownerOf(buyer.account), ownerOf(seller.account)];
  add(moves.moved, purseOf(buys, quote), -quoteMinor - buyerFeeMinor);
  add(moves.moved, purseOf(buys, base), baseMinor);
  add(moves.moved, purseOf(sells, quote), quoteMinor - sellerFeeMinor);
  add(moves.moved, purseOf(sells, base), -baseMinor);
  add(moves.used, buyer.hold, quoteMinor + buyerFeeMinor + freedMinor);
  add(moves.used, seller.hold, baseMinor);
  const text = `${lots}@${price} of ${maker.order} to ${taker.order}`;
  moves.trades.set(`${symbol} ${tradeId}`, text);
}

/** The id of one transfer of a trade, as the ledger's rules derive it. */
export function legId(market: string, tradeId: number, leg: number): string {
  return derivedId(`transfer/trade/${market}/${tradeId}/${leg}`);
}

function add(to: Map<string, bigint>, key: string, minor: bigint): void {
  to.set(key, (to.get(key) ?? 0n) + minor);
}
