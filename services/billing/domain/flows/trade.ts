import { derivedId } from "#mesh/ids.ts";
import type { Asset } from "../asset.ts";
import { tradingFeesAccount, TransferCodes } from "../chart.ts";
import type { NewTransfer } from "../transfer.ts";
import { chained, move, type Move, transferId } from "./links.ts";
import { orderAccounts } from "./order.ts";

/**
 * A trade of two orders. Amounts are minor units, and nothing is rounded here. Who computes the fees
 * rounds once: the fee of an order after k fills is the ceiling of the sum over all of them, and the
 * fee of one fill is the difference to what was charged before (FUND-4).
 */
export type Trade = {
  readonly market: string;
  readonly tradeId: string;
  readonly buyerId: string;
  readonly sellerId: string;
  readonly base: Asset;
  readonly quote: Asset;
  readonly baseMinor: bigint;
  /** Price times quantity. */
  readonly quoteMinor: bigint;
  readonly buyerFeeMinor: bigint;
  readonly sellerFeeMinor: bigint;
  /** What the fill frees of the buyer's hold. */
  readonly freedMinor: bigint;
};

/**
 * Makes the chain of a trade (FLOW-16): money for coins, the fees of both, and what is left of the
 * hold. What is zero is left out. After a refusal an operator drives the next attempt (HOLD-5).
 */
export function tradeChain(trade: Trade, attempt = 0): NewTransfer[] {
  const { market, tradeId, base, quote } = trade;
  const buyer = orderAccounts(trade.buyerId, quote);
  const seller = orderAccounts(trade.sellerId, base);
  const sellerMoney = orderAccounts(trade.sellerId, quote).available;
  const fees = tradingFeesAccount(quote);
  const userData = derivedId(`trade/${market}/${tradeId}`);
  const link = (leg: number, ends: Pick<Move, "from" | "to" | "amount">, code: number) => {
    if (ends.amount === 0n) return undefined;
    const id = transferId(`trade/${market}/${tradeId}/${leg}`, attempt);
    return move({ id, userData, code, ...ends });
  };
  const { TRADE, TRADING_FEE, ORDER } = TransferCodes;
  const coins = orderAccounts(trade.buyerId, base).available;
  return chained([
    link(1, { from: buyer.inOrders, to: sellerMoney, amount: trade.quoteMinor }, TRADE),
    link(2, { from: seller.inOrders, to: coins, amount: trade.baseMinor }, TRADE),
    link(3, { from: buyer.inOrders, to: fees, amount: trade.buyerFeeMinor }, TRADING_FEE),
    link(4, { from: sellerMoney, to: fees, amount: trade.sellerFeeMinor }, TRADING_FEE),
    link(5, { from: buyer.inOrders, to: buyer.available, amount: trade.freedMinor }, ORDER),
  ]);
}
