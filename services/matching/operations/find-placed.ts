import { MAX_SHOWN_FILLS } from "#mesh/limits.ts";
import { fail as failOfMesh } from "#mesh/reasons.ts";
import type { Matching } from "../context.ts";
import type { Refusal } from "../domain/event.ts";
import type { OrderRecord } from "../domain/order-record.ts";
import { readFillsOf } from "../store/read-fills.ts";
import { clientKeyOf } from "./read-new-order.ts";
import { toFill, toOrder } from "./order-message.ts";
import { orderProblems } from "./order-problems.ts";
import type { Placed, PlaceAsk, Who } from "./placed.ts";
import type { ReadOrder } from "./order-reader.ts";
import { refused } from "./refused.ts";

type Means = Pick<Matching, "db" | "markets" | "writer"> & { readonly readOrder: ReadOrder };

/** What was asked, and the hash of it. */
export type Hashed = PlaceAsk & { readonly hash: string };

/**
 * The answer of an order that was placed before under the same request; undefined when there is none.
 * Throws IDEMPOTENCY_KEY_REUSED for another content, and what the first one was refused with.
 */
export async function findPlaced(means: Means, ask: Hashed, who: Who): Promise<Placed | undefined> {
  const found = await means.readOrder(ask.id);
  if (found === undefined) return undefined;
  if (found.requestHash !== ask.hash) throw failOfMesh("IDEMPOTENCY_KEY_REUSED", { key: ask.key });
  if (found.state !== "REJECTED") return toPlaced(means, found);
  if (found.reason !== "DUPLICATE_CLIENT_ORDER_ID")
    throw refusedOrder(means, ask, found.reason as Refusal);
  return findNamed(means, ask, who);
}

/**
 * The answer of the order that has the client's own id already, if that asked for the same (M28);
 * else throws DUPLICATE_CLIENT_ORDER_ID.
 */
export async function findNamed(means: Means, ask: Hashed, who: Who): Promise<Placed> {
  const { engine } = means.writer;
  const account = engine.accountOf(who.accountId.replaceAll("-", ""));
  const market = means.markets.find(ask.order.market);
  const key = clientKeyOf(ask.order.clientOrderId);
  const id = account && market && engine.orderByKey(account, market.no, key);
  const found = id === undefined || id === 0 ? undefined : await means.readOrder(id);
  if (found === undefined || found.requestHash !== ask.hash) {
    throw refused("DUPLICATE_CLIENT_ORDER_ID", namesOf(ask));
  }
  return toPlaced(means, found);
}

/** The error of an order that is refused, which names the fields that it is about. */
export function refusedOrder(
  { markets, writer }: Pick<Means, "markets" | "writer">,
  ask: PlaceAsk,
  reason: Refusal,
) {
  const { order, within = "order" } = ask;
  const market = markets.find(order.market);
  const askedAt = market && { market, nowMs: writer.nowMs(), within };
  const own = () => (askedAt ? orderProblems(reason, order, askedAt) : []);
  const found = ask.problemsOf?.(reason) ?? own();
  const problems = found.length > 0 ? found : [{ field: within, problem: "was no valid order" }];
  return refused(reason, { ...namesOf(ask), problems });
}

/** What errors name of an order that was asked for. */
export function namesOf({ id, order: { market, clientOrderId } }: PlaceAsk) {
  return { id, market, clientOrderId };
}

async function toPlaced({ db, markets }: Means, found: OrderRecord): Promise<Placed> {
  const market = markets.find(found.market)!;
  const fills =
    found.filledLots > 0 ? await readFillsOf(db.sql, found, MAX_SHOWN_FILLS.ofOrder) : [];
  const shown = fills.map((fill) => toFill(fill, market));
  return { order: toOrder(found, market), fills: shown, isReplay: true };
}
