import { timestampMs } from "@bufbuild/protobuf/wkt";
import type * as wire from "#gen/mizan/matching/v1/order_service_pb.ts";
import type { FieldProblem } from "#mesh/field-problems.ts";
import type { OrderType } from "../domain/command.ts";
import type { ListedMarket } from "../domain/listed-market.ts";
import { toLots, toTicks } from "../domain/units.ts";
import { minorOf } from "./minor-of.ts";
import { fromSide, fromTimeInForce, fromType } from "./order-words.ts";

type Asked = {
  readonly order: wire.NewOrder;
  readonly type: OrderType;
  readonly hasLimit: boolean;
  readonly isStop: boolean;
  readonly isSell: boolean;
  /** Undefined when it is not given. */
  readonly time: ReturnType<typeof fromTimeInForce>;
  /** Whether its rest stays in the book. */
  readonly mayRest: boolean;
  readonly market: ListedMarket;
  readonly nowMs: number;
};

/** A field with what is wrong with it, if that is the case. */
type Check = readonly [isWrong: boolean, field: string, problem: string];

/** Which fields of an order don't go together, and why (section 2), at a time of the books. */
export function combinationProblems(
  order: wire.NewOrder,
  { market, nowMs }: Pick<Asked, "market" | "nowMs">,
): FieldProblem[] {
  const type = fromType(order.type) ?? "LIMIT";
  const time = fromTimeInForce(order.timeInForce);
  const asked: Asked = {
    order,
    type,
    hasLimit: type === "LIMIT" || type === "STOP_LIMIT" || type === "TAKE_PROFIT_LIMIT",
    isStop: type !== "LIMIT" && type !== "MARKET",
    isSell: fromSide(order.side) === "SELL",
    time,
    mayRest: time === undefined || time === "GTC" || time === "GTD",
    market,
    nowMs,
  };
  const checks = [prices, sizes, times, reserves, options].flatMap((checksOf) => checksOf(asked));
  return checks.flatMap(([isWrong, field, problem]) => (isWrong ? [{ field, problem }] : []));
}

function prices({ order, type, hasLimit, isStop }: Asked): Check[] {
  const { price, stopPrice } = order;
  return [
    [hasLimit && price === "", "price", `must be given with ${type}`],
    [!hasLimit && price !== "", "price", `must not be given with ${type}`],
    [isStop && stopPrice === "", "stop_price", `must be given with ${type}`],
    [!isStop && stopPrice !== "", "stop_price", `must not be given with ${type}`],
  ];
}

function sizes({ order, type, hasLimit, isSell, market }: Asked): Check[] {
  const { size, quoteSize } = order;
  const [isByAmount, isNone] = [quoteSize !== "", size === "" && quoteSize === ""];
  const decimals = market.units.quoteDecimals;
  const amount = isByAmount ? minorOf(quoteSize, decimals) : undefined;
  const isTwice = isByAmount && !hasLimit && !isSell && size !== "";
  return [
    [isNone, "size", hasLimit ? "must be given" : "must be given, or quote_size"],
    [hasLimit && isByAmount, "quote_size", `must not be given with ${type}`],
    [isTwice, "size", "must not be given beside quote_size for a buy"],
    [isByAmount && amount === undefined, "quote_size", amountProblem(decimals)],
    [amount === 0n, "quote_size", "must be more than 0"],
  ];
}

function times({ order: { expireTime }, type, isStop, time, mayRest, nowMs }: Asked): Check[] {
  const isOver = time === "GTD" && expireTime !== undefined && timestampMs(expireTime) <= nowMs;
  return [
    [type === "MARKET" && time !== undefined, "time_in_force", "must not be given with MARKET"],
    [isStop && !mayRest, "time_in_force", `must be GTC or GTD with ${type}`],
    [time === "GTD" && expireTime === undefined, "expire_time", "must be given with GTD"],
    [time !== "GTD" && expireTime !== undefined, "expire_time", "must not be given without GTD"],
    [isOver, "expire_time", "must be in the future"],
  ];
}

function reserves({ order, type, hasLimit, isStop, isSell, market }: Asked): Check[] {
  const { price, reservePrice, quoteSize } = order;
  const isGiven = reservePrice !== "";
  const isOpen = isStop && !hasLimit && !isSell && quoteSize === "";
  const [limit, reserve] = [price, reservePrice].map((text) => toTicks(text, market.units.tick));
  const isBelow = isGiven && !isSell && hasLimit && (reserve ?? 0) < (limit ?? 0);
  return [
    [isGiven && isSell, "reserve_price", "must not be given for a sell"],
    [isGiven && type === "MARKET", "reserve_price", "must not be given with MARKET"],
    [isOpen && !isGiven, "reserve_price", `must be given for a buy with ${type} by size`],
    [isBelow, "reserve_price", "must not be below the price"],
  ];
}

function options({ order, type, isSell, time, mayRest, market }: Asked): Check[] {
  const { postOnly, quoteLimit, visibleSize, size } = order;
  const isResting = type === "LIMIT" && mayRest;
  const hasLimit = quoteLimit !== "";
  const { quoteDecimals, lot } = market.units;
  const limit = hasLimit ? minorOf(quoteLimit, quoteDecimals) : undefined;
  const isIceberg = visibleSize !== "";
  const [all = 0, visible = 0] = [size, visibleSize].map((text) => toLots(text, lot));
  const most = market.terms.rules.maxIcebergParts;
  const hasMany = isIceberg && visible > 0 && Math.ceil(all / visible) > most;
  const least = isSell ? 1n : market.scales.quoteScale;
  return [
    [postOnly && !isResting, "post_only", "needs LIMIT with GTC or GTD"],
    [hasLimit && time !== "FOK", "quote_limit", "must not be given without FOK"],
    [hasLimit && limit === undefined, "quote_limit", amountProblem(quoteDecimals)],
    [limit !== undefined && limit < least, "quote_limit", "must be worth a tick of a lot at least"],
    [isIceberg && !isResting, "visible_size", "needs LIMIT with GTC or GTD"],
    [isIceberg && visible > all, "visible_size", "must not be more than size"],
    [hasMany, "visible_size", `must not make more than ${most} parts of size`],
  ];
}

function amountProblem(decimals: number): string {
  return `must be a decimal with at most ${decimals} decimals, and not more than the ledger counts`;
}
