import { type TradesExecuted, TradesExecutedSchema } from "#gen/mizan/matching/v1/events_pb.ts";
import { type Consumer, repeatable } from "#mesh/events/consumer.ts";
import { NeedsSomebody } from "#mesh/events/passing.ts";
import { toMinor } from "#mesh/money.ts";
import type { Billing } from "../context.ts";
import type { Asset, Assets } from "../domain/asset.ts";
import type { Trade } from "../domain/flows/trade.ts";
import { settleTrades } from "../operations/settle-trades.ts";

/**
 * Books the trades of the exchange. The ids of their transfers are made from the trades, and are the
 * ledger's for ever: the same trade moves nothing again, so that no inbox is needed (WR-10, IDEM-1).
 * An event with a trade that is refused becomes a dead letter; who has it worked on again has the
 * next attempt tried (HOLD-5, IDEM-4).
 */
export const trades = <T>(billing: Pick<Billing, "assets" | "writer">): Consumer<T> =>
  repeatable(
    TradesExecutedSchema,
    "trades",
    async (_, event, { isRequeued: isRedriven = false }) => {
      const refused = await settleTrades(billing, readTrades(event, billing.assets), {
        isRedriven,
      });
      if (refused.length === 0) return;
      const [{ tradeId, status }] = refused as [(typeof refused)[number]];
      const which = `${refused.length} trades of ${event.market}, the first of them ${tradeId}`;
      throw new NeedsSomebody(`The ledger refuses ${which}: ${status}.`);
    },
  );

function readTrades({ market, trades: executed, ...event }: TradesExecuted, assets: Assets) {
  const [base, quote] = [findAsset(assets, event.baseAsset), findAsset(assets, event.quoteAsset)];
  return executed.map((trade): Trade => ({
    market,
    tradeId: String(trade.tradeId),
    buyerId: trade.buyerId,
    sellerId: trade.sellerId,
    base,
    quote,
    baseMinor: toMinor(trade.baseAmount, base.scale),
    quoteMinor: toMinor(trade.quoteAmount, quote.scale),
    buyerFeeMinor: toMinor(trade.buyerFee, quote.scale),
    sellerFeeMinor: toMinor(trade.sellerFee, quote.scale),
    freedMinor: toMinor(trade.freedAmount, quote.scale),
  }));
}

function findAsset(assets: Assets, code: string): Asset {
  const asset = assets.byCode(code);
  if (asset === undefined) throw new Error(`nobody counts ${code}`);
  return asset;
}
