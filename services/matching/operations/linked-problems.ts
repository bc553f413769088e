import type { FieldProblem } from "#mesh/field-problems.ts";
import type { Refusal } from "../domain/event.ts";
import type { ListedMarket } from "../domain/listed-market.ts";
import { toLots } from "../domain/units.ts";
import { orderProblems } from "./order-problems.ts";
import { fromTimeInForce, fromType } from "./order-words.ts";
import type { PlaceAsk } from "./placed.ts";

type Pair = Readonly<Record<"limit" | "stop", Pick<PlaceAsk, "order">>>;

/** Which fields of two linked orders a refusal is about: of the legs, and of them as a pair. */
export function linkedProblems(
  reason: Refusal,
  { limit: { order: limit }, stop: { order: stop } }: Pair,
  { market, nowMs }: { readonly market: ListedMarket; readonly nowMs: number },
): FieldProblem[] {
  const legs = [
    ...orderProblems(reason, limit, { market, nowMs, within: "limit" }),
    ...orderProblems(reason, stop, { market, nowMs, within: "stop" }),
  ];
  if (reason !== "INVALID_COMBINATION") return legs;
  const type = fromType(stop.type) ?? "LIMIT";
  const time = fromTimeInForce(limit.timeInForce) ?? "GTC";
  const [lots, stopLots] = [limit.size, stop.size].map((text) => toLots(text, market.units.lot));
  const checks: [isWrong: boolean, field: string, problem: string][] = [
    [(fromType(limit.type) ?? "LIMIT") !== "LIMIT", "limit.type", "must be LIMIT"],
    [!time.startsWith("GT"), "limit.time_in_force", "must be GTC or GTD"],
    [type === "LIMIT" || type === "MARKET", "stop.type", "must be one that waits for a stop price"],
    [limit.side !== stop.side, "stop.side", "must be that of the limit leg"],
    [lots !== stopLots, "stop.size", "must be that of the limit leg"],
    [stop.quoteSize !== "", "stop.quote_size", "must not be given in a pair"],
  ];
  return [
    ...legs,
    ...checks.flatMap(([isWrong, field, problem]) => (isWrong ? [{ field, problem }] : [])),
  ];
}
