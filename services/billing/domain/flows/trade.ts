import { derivedId } from "#mesh/ids.ts";
import type { NewAccount } from "../account.ts";
import type { Asset } from "../asset.ts";
import { tradingFeesAccount, TransferCodes } from "../chart.ts";
import type { Chain } from "../hold.ts";
import { chained, move, type Move, transferId } from "./links.ts";
import { behindOrders, spendable } from "./order.ts";

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
 * hold. What is zero is left out. After a refusal an operator drives the next attempt (HOLD-5). What
 * the two get may be the first of its asset that they have.
 */
export function tradeChain(trade: Trade, attempt = 0): Chain {
  const { market, tradeId, base, quote, buyerId, sellerId, freedMinor } = trade;
  const [money, sold] = [behindOrders(buyerId, quote), behindOrders(sellerId, base)];
  const [coins, earned] = [spendable(buyerId, base), spendable(sellerId, quote)];
  const free = freedMinor === 0n ? money : spendable(buyerId, quote);
  const fees = feesOf(quote);
  const path = `trade/${market}/${tradeId}`;
  const userData = derivedId(path);
  const link = (leg: number, ends: Pick<Move, "from" | "to" | "amount">, code: number) => {
    if (ends.amount === 0n) return undefined;
    return move({ id: transferId(`${path}/${leg}`, attempt), userData, code, ...ends });
  };
  const { TRADE, TRADING_FEE, ORDER } = TransferCodes;
  const events = chained([
    link(1, { from: money, to: earned, amount: trade.quoteMinor }, TRADE),
    link(2, { from: sold, to: coins, amount: trade.baseMinor }, TRADE),
    link(3, { from: money, to: fees, amount: trade.buyerFeeMinor }, TRADING_FEE),
    link(4, { from: earned, to: fees, amount: trade.sellerFeeMinor }, TRADING_FEE),
    link(5, { from: money, to: free, amount: freedMinor }, ORDER),
  ]);
  return { accounts: [coins, earned], events };
}

/** Made once for an asset, since there are few, and each trade needs it. */
function feesOf(asset: Asset): NewAccount {
  const known = feeAccounts.get(asset) ?? tradingFeesAccount(asset);
  feeAccounts.set(asset, known);
  return known;
}

const feeAccounts = new WeakMap<Asset, NewAccount>();
