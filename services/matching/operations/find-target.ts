import type { FieldProblem } from "#mesh/field-problems.ts";
import { hexOf } from "#mesh/ids.ts";
import type { OrderId } from "../domain/command.ts";
import type { OrderRecord } from "../domain/order-record.ts";
import { hasEnded } from "../domain/order-record.ts";
import type { OrderView } from "../domain/order-view.ts";
import { fail } from "../errors.ts";
import { readNamedOrder } from "../store/read-orders.ts";
import type { OrderMeans } from "./order-means.ts";
import { clientKeyOf } from "./read-new-order.ts";
import { wrongFields } from "./refused.ts";

/** Which order is meant: by its id, or by what the client calls it on a market; else empty. */
export type Target = {
  readonly orderId: string;
  readonly market?: string;
  readonly clientOrderId?: string;
};

type Reads = Pick<OrderMeans, "db" | "markets" | "readOrder" | "writer">;

/** A live order of an account; undefined when it has none such. */
export function findLive(
  { markets, writer }: Pick<Reads, "markets" | "writer">,
  target: Target,
  accountId: string,
): OrderView | undefined {
  const { engine } = writer;
  const account = engine.accountOf(hexOf(accountId));
  if (account === undefined) return undefined;
  const id = idOf(target) ?? named();
  const order = id === undefined ? undefined : engine.order(id);
  return order?.account === account ? order : undefined;

  function named(): OrderId | undefined {
    const market = markets.find(target.market ?? "");
    const key = clientKeyOf(target.clientOrderId ?? "");
    return market && engine.orderByKey(account!, market.no, key);
  }
}

/** The row of an order of an account, live or not. Throws UNKNOWN_ORDER for what is not its own. */
export async function findStored(
  { db, readOrder, writer }: Reads,
  target: Target,
  accountId: string,
): Promise<OrderRecord> {
  const id = idOf(target);
  if (id === undefined) await writer.flushed();
  const { market = "", clientOrderId = "" } = target;
  const found =
    id === undefined
      ? await readNamedOrder(db.sql, accountId, { market, clientOrderId })
      : await readOrder(id);
  if (found === undefined || found.accountId !== accountId) throw fail("UNKNOWN_ORDER");
  return found;
}

/** Why an order can't be changed that is not live: it has ended, or there is none such. */
export async function notLive(
  reads: Reads,
  { target, accountId }: { readonly target: Target; readonly accountId: string },
  reason: "NOT_AMENDABLE" | "NOT_CANCELLABLE",
) {
  const { id, state } = await findStored(reads, target, accountId);
  // It was placed between the two looks; whoever asks again finds it, since this is no decision.
  if (!hasEnded({ state })) return fail("OUTCOME_UNKNOWN");
  return fail(reason, { order_id: target.orderId || id, state });
}

/** Refuses what names an order in no way, or in two. */
export function checkTarget(target: Target): void {
  const problems = targetProblems(target);
  if (problems.length > 0) throw wrongFields("INVALID_COMBINATION", problems);
}

function targetProblems({ orderId, market = "", clientOrderId = "" }: Target): FieldProblem[] {
  const isNone = orderId === "" && market === "" && clientOrderId === "";
  if (isNone)
    return [{ field: "order_id", problem: "must be given, or market and client_order_id" }];
  const names = { market, client_order_id: clientOrderId };
  const isById = orderId !== "";
  const wrong = Object.entries(names).filter(([, name]) => (name !== "") === isById);
  const problem = isById ? "must not be given beside order_id" : "must be given without order_id";
  return wrong.map(([field]) => ({ field, problem }));
}

/** The id as the engine has it; no UUID is none that any order has. */
function idOf({ orderId }: Target): OrderId | undefined {
  const id = hexOf(orderId);
  return isId.test(id) ? id : undefined;
}

const isId = /^[0-9a-f]{32}$/;
