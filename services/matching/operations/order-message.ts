import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import * as wire from "#gen/mizan/matching/v1/order_pb.ts";
import { type Fill, FillSchema } from "#gen/mizan/matching/v1/trade_pb.ts";
import { uuidOf } from "#mesh/ids.ts";
import { fromMinor } from "#mesh/money.ts";
import type { ListedMarket } from "../domain/listed-market.ts";
import { hasEnded, type FillRecord, type OrderRecord } from "../domain/order-record.ts";
import { fromSteps } from "../domain/units.ts";

/** An order as its owner is told of it; what it does not have is empty. */
export function toOrder(order: OrderRecord, market: ListedMarket): wire.Order {
  const { units, scales } = market;
  const price = (ticks: number) => (ticks === 0 ? "" : fromSteps(ticks, units.tick));
  const size = (lots: number) => fromSteps(lots, units.lot);
  const quote = (minor: bigint) => fromMinor(minor, units.quoteDecimals);
  const isAmount = order.quoteMinor > 0n;
  const isBuy = order.side === "BUY";
  const isMarket = order.type === "MARKET";
  return create(wire.OrderSchema, {
    id: uuidOf(order.id),
    userId: order.accountId,
    market: order.market,
    clientOrderId: order.clientOrderId,
    side: wire.Side[order.side],
    type: wire.OrderType[order.type],
    timeInForce: isMarket ? wire.TimeInForce.UNSPECIFIED : wire.TimeInForce[order.timeInForce],
    price: isMarket ? "" : price(order.price),
    size: size(isAmount ? order.filledLots : order.lots),
    quoteSize: isAmount ? quote(order.quoteMinor) : "",
    stopPrice: price(order.stopPrice),
    reservePrice: isMarket ? "" : price(order.reservePrice),
    postOnly: order.isPostOnly,
    selfTradePrevention: wire.SelfTradePrevention[order.stp],
    ...(order.expireMs > 0 && { expireTime: timestampFromMs(order.expireMs) }),
    visibleSize: order.visibleLots === 0 ? "" : size(order.visibleLots),
    linkedOrderId: order.linked === "" ? "" : uuidOf(order.linked),
    state: wire.Order_State[order.state],
    filledSize: size(order.filledLots),
    filledQuote: quote(BigInt(order.filledUnits) * scales.quoteScale),
    fee: quote(order.feeMinor),
    openSize: size(isAmount || hasEnded(order) ? 0 : order.remaining),
    preventedSize: size(order.preventedLots),
    reason: order.reason,
    createTime: timestampFromMs(order.createdMs),
    updateTime: timestampFromMs(order.updatedMs),
    sequence: BigInt(order.seq),
    held: isBuy ? quote(order.heldMinor) : fromMinor(order.heldMinor, units.baseDecimals),
    triggerId: order.trigger === "" ? "" : uuidOf(order.trigger),
  });
}

/** A fill as the owner of the order is told of it. */
export function toFill(fill: FillRecord, { units, scales }: ListedMarket): Fill {
  const quoteMinor = BigInt(fill.price) * BigInt(fill.lots) * scales.quoteScale;
  return create(FillSchema, {
    market: fill.market,
    tradeId: BigInt(fill.tradeId),
    orderId: uuidOf(fill.order),
    side: wire.Side[fill.side],
    price: fromSteps(fill.price, units.tick),
    size: fromSteps(fill.lots, units.lot),
    quoteSize: fromMinor(quoteMinor, units.quoteDecimals),
    fee: fromMinor(fill.feeMinor, units.quoteDecimals),
    isTaker: fill.isTaker,
    openSize: fromSteps(fill.openLots, units.lot),
    time: timestampFromMs(fill.atMs),
    clientOrderId: fill.clientOrderId,
  });
}
