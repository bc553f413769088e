import { Code, ConnectError } from "@connectrpc/connect";
import type { OrderItem, OrderResult } from "#gen/mizan/matching/v1/order_service_pb.ts";
import { fail as failOfMesh } from "#mesh/reasons.ts";
import type { Bounds } from "../writer/submission.ts";
import { callOf, changeStep, type Names, nameOf } from "./change-item.ts";
import type { Hashed } from "./find-placed.ts";
import { orderIdOf } from "./order-id.ts";
import type { OrderMeans } from "./order-means.ts";
import { toRefused, toResult } from "./order-result.ts";
import { hashOf } from "./place-order.ts";
import { placeWork } from "./place-work.ts";
import type { Placed, Who } from "./placed.ts";
import { requestOf } from "./replies.ts";
import { showChanged } from "./change-work.ts";
import { doWorks, type Settled, settle, type Step, type Turn } from "./works.ts";

/** A batch of a stream: for whom, within which time, and after what. */
export type Batch = { readonly who: Who; readonly bounds: Bounds; readonly turn: Turn };

/**
 * Does the items of a batch, in order, and tells of each what became of it. Those that place are held
 * for together, before anything of the batch is done.
 */
export async function placeBatch(
  means: OrderMeans,
  items: readonly OrderItem[],
  batch: Batch,
): Promise<OrderResult[]> {
  const names: Names = new Map();
  const opening = items.map(async (item): Promise<Opened> => {
    const opened = await settle(async () => open(means, item, { ...batch, names }));
    return "error" in opened ? { step: opened } : opened.answer;
  });
  const opened = await Promise.all(opening);
  const steps = opened.flatMap((one) => ("step" in one ? [one.step] : []));
  const settled = await attempt(means, steps, batch);
  let next = 0;
  const results = opened.map(async (one) => {
    if ("joined" in one) return resultOf(means, await settle(async () => one.joined));
    const result = settled[next++]!;
    one.end?.(result);
    return resultOf(means, result);
  });
  return Promise.all(results);
}

type Opened =
  | { readonly step: Step<Placed>; readonly end?: (result: Settled<Placed>) => void }
  | { readonly joined: Promise<Placed> };

type Opening = Batch & { readonly names: Names };

/** Prepares an item; who asks for the same from here on waits for it. */
async function open(means: OrderMeans, item: OrderItem, opening: Opening): Promise<Opened> {
  const { action, requestId: key } = item;
  const { who, names } = opening;
  if (action.case === "cancel") return { step: changeStep(means, item, opening) }; // ends once anyhow
  if (action.case !== "place") {
    const call = callOf(item, who);
    const request = requestOf(call);
    return joinOr(means, { key, ...request }, async () => {
      const changed = await means.replies.changed(call);
      if (changed !== undefined) return { answer: await showChanged(means, changed, who) };
      return changeStep(means, item, { ...opening, who: { ...who, request } });
    });
  }
  const order = action.value;
  const id = orderIdOf("PlaceOrders", who.accountId, key);
  const ask = { id, key, order, hash: hashOf([order]), within: "place" };
  return joinOr(means, ask, async () => {
    const market = means.markets.find(order.market);
    if (order.clientOrderId !== "" && market !== undefined) {
      names.set(nameOf(order), { order: id, market: market.no });
    }
    const todo = await placeWork(means, ask, who);
    return "work" in todo ? todo.work : { answer: todo.placed };
  });
}

type Asked = Pick<Hashed, "id" | "key" | "hash">;

/** Prepares what is asked, or joins what does the same already. */
async function joinOr(
  means: OrderMeans,
  asked: Asked,
  prepare: () => Promise<Step<Placed>>,
): Promise<Opened> {
  const { id, key, hash } = asked;
  const running = means.placing.get(id);
  if (running !== undefined && running.hash !== hash) {
    return { step: { error: failOfMesh("IDEMPOTENCY_KEY_REUSED", { key }) } };
  }
  if (running !== undefined) return { joined: running.placed as Promise<Placed> };
  const end = announce(means, asked);
  const prepared = await settle(prepare);
  return { step: "answer" in prepared ? prepared.answer : prepared, end };
}

/** Says that something is being done; returns what says how that has ended. */
function announce({ placing }: OrderMeans, { id, hash }: Asked) {
  const { promise, resolve, reject } = Promise.withResolvers<Placed>();
  promise.catch(() => undefined); // nobody may have waited for it
  placing.set(id, { hash, placed: promise });
  return (result: Settled<Placed>) => {
    placing.delete(id);
    if ("error" in result) reject(result.error);
    else resolve({ ...result.answer, isReplay: true });
  };
}

/** What concerns the whole batch is the refusal of each of its items. */
async function attempt(
  means: OrderMeans,
  steps: readonly Step<Placed>[],
  { bounds, turn }: Batch,
): Promise<Settled<Placed>[]> {
  try {
    return await doWorks(means, steps, bounds, turn);
  } catch (error) {
    const known = ConnectError.from(error, Code.Internal);
    return steps.map((step) => ("submission" in step || "later" in step ? { error: known } : step));
  }
}

function resultOf({ log }: OrderMeans, settled: Settled<Placed>): OrderResult {
  if (!("error" in settled)) return toResult(settled.answer);
  const { error } = settled;
  if (error.code === Code.Internal) log.error({ err: error }, "an item of a stream failed");
  return toRefused(error);
}
