import { create, toBinary } from "@bufbuild/protobuf";
import { type NewOrder, NewOrderSchema } from "#gen/mizan/matching/v1/order_service_pb.ts";
import {
  type CreateTriggerRequest,
  type CreateTriggerResponse,
  CreateTriggerResponseSchema,
} from "#gen/mizan/matching/v1/trigger_service_pb.ts";
import { personOf } from "#mesh/access.ts";
import { once } from "#mesh/database/idempotency.ts";
import { hexOf, newId, uuidOf } from "#mesh/ids.ts";
import { MAX_ACTIVE_TRIGGERS } from "#mesh/limits.ts";
import type { Call, Matching } from "../context.ts";
import type { Refusal } from "../domain/event.ts";
import type { ListedMarket } from "../domain/listed-market.ts";
import { triggerRequestId } from "../domain/trigger.ts";
import { toTicks } from "../domain/units.ts";
import { getListed } from "../domain/get-listed.ts";
import { fail } from "../errors.ts";
import { countActiveTriggers, insertTrigger, lockTriggers } from "../store/triggers.ts";
import { orderIdOf } from "./order-id.ts";
import { tickProblems } from "./order-problems.ts";
import { firstOf, planOrder } from "./plan-order.ts";
import { submissionOf } from "./place-work.ts";
import { wrongFields } from "./refused.ts";
import { refusedOrder } from "./find-placed.ts";
import { toTriggerMessage } from "./trigger-message.ts";
import { fromCondition } from "./trigger-words.ts";

/**
 * Sets a trigger, once a key: the first trade after it on the wanted side of the price places the
 * order (DESK-1). Its funds are not looked at before (DESK-2). Throws MARKET_NOT_FOUND, PRICE_TICK,
 * TOO_MANY_TRIGGERS, and what is wrong with the order whatever the price.
 */
export async function createTrigger(
  matching: Matching,
  { market: symbol, condition, price, order }: CreateTriggerRequest,
  { values }: Call,
): Promise<CreateTriggerResponse> {
  const market = getListed(matching, symbol);
  const { id: accountId } = personOf(values);
  return once(matching.db, values, CreateTriggerResponseSchema, async (tx) => {
    const id = newId();
    const orderId = orderIdOf("Trigger", hexOf(accountId), triggerRequestId(id));
    const ticks = priceOf(market, price);
    await checkOrder(matching, order!, { accountId, orderId });
    const most = MAX_ACTIVE_TRIGGERS;
    if ((await countActiveTriggers(tx, accountId)) >= most)
      throw fail("TOO_MANY_TRIGGERS", { most });
    await lockTriggers(tx, symbol);
    const trigger = {
      id,
      accountId,
      market: symbol,
      condition: fromCondition(condition),
      price: ticks,
      orderId: uuidOf(orderId),
      newOrder: toBinary(NewOrderSchema, order!),
    };
    const afterTrade = matching.writer.engine.market(market.no)?.tradeId ?? 0;
    const set = await insertTrigger(tx, trigger, afterTrade);
    return create(CreateTriggerResponseSchema, { trigger: toTriggerMessage(set, market) });
  });
}

function priceOf(market: ListedMarket, price: string): number {
  const problems = tickProblems({ price, stopPrice: "", reservePrice: "" }, market);
  if (problems.length > 0) throw wrongFields("PRICE_TICK", problems, market.symbol);
  return toTicks(price, market.units.tick)!;
}

/** Throws what no price of the market makes good; all else is found when the order is placed. */
async function checkOrder(
  matching: Matching,
  order: NewOrder,
  { accountId, orderId: id }: { readonly accountId: string; readonly orderId: string },
): Promise<void> {
  const ask = { id, order, key: "", hash: "" };
  const who = { accountId, session: 0 };
  const plan = await planOrder(matching, ask, who);
  const refusal = firstOf(plan.problem, matching.writer.check(submissionOf(plan, ask, who)));
  if (refusal !== undefined && lasting.has(refusal)) {
    throw refusedOrder(matching, ask, refusal);
  }
}

/** What depends neither on the price nor on what the account has. */
const lasting: ReadonlySet<Refusal> = new Set([
  "INVALID_COMBINATION",
  "PRICE_TICK",
  "PRICE_RANGE",
  "QTY_STEP",
  "QTY_RANGE",
  "STP_MODE_NOT_ALLOWED",
]);
