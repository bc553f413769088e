import { type ICancelOrder, type IProcessOrder, OrderBook } from "nodejs-order-book";
import type { FlowStep } from "../../services/matching/testing/flow.ts";
import type { Found } from "./found.ts";
import { stepsOf, type Tape } from "./tape.ts";

/**
 * Runs a tape through nodejs-order-book. It has no accounts, no events but its answers, no bound of
 * a total (a FOK order has its price alone), no reduction (tapes for it have none), and a moved order
 * becomes a new one. Ids and options are made before the clock starts. Throws when it refuses one.
 */
export function runNodejsOrderBook(tape: Tape): Found {
  const book = new OrderBook();
  const calls = Array.from(stepsOf(tape), (step) => toCall(book, step));
  for (let at = 0; at < tape.fill; at += 1) calls[at]!();
  const startMs = performance.now();
  for (let at = tape.fill; at < calls.length; at += 1) expectDone(calls[at]!());
  const seconds = (performance.now() - startMs) / 1000;
  const levels = book.depth().flat();
  return {
    perSecond: (calls.length - tape.fill) / seconds,
    levels: levels.length,
    lots: levels.reduce((sum, [, lots]) => sum + lots, 0),
  };
}

type Answer = IProcessOrder | ICancelOrder | undefined;

function toCall(book: OrderBook, { kind, order, isBuy, price, lots }: FlowStep): () => Answer {
  const id = `o${order}`;
  if (kind === "CANCEL") return () => book.cancel(id);
  if (kind === "MOVE") {
    const update = { price };
    return () => book.modify(id, update);
  }
  if (kind === "REDUCE") throw new Error("nodejs-order-book does not reduce orders");
  const limit = book.limit.bind(book) as (options: object) => IProcessOrder;
  const side = isBuy ? "buy" : "sell"; // as in its documents; it does not export all its enums
  const options = { id, side, price, size: lots, timeInForce: kind };
  return () => limit(options);
}

function expectDone(answer: Answer): void {
  if (answer === undefined) throw new Error("nodejs-order-book does not know an order");
  if ("err" in answer && answer.err !== null) throw answer.err;
}
