import { OrderBook } from "nodejs-order-book";
import type { FlowStep } from "../../services/matching/testing/flow.ts";
import { flowSetUp, toCommand } from "../../services/matching/testing/flow-commands.ts";
import { createRandom } from "../../services/matching/testing/flow-random.ts";
import { applyAll, filled } from "./engine-run.ts";
import { createLog, USERS } from "./logs.ts";

/**
 * Cancels half of 100,000 orders in any order: once they are all in one level, once ten in each.
 * In microseconds of one cancellation. nodejs-order-book has 20,000 in one level and cancels 100.
 */
export function measureDeepLevel(): Record<string, number> {
  return {
    "cancel in a level of 100,000": cancelMs(ORDERS) * 1000,
    "cancel in a level of 10": cancelMs(10) * 1000,
    "nodejs-order-book, cancel in a level of 20,000": theirCancelMs(20_000) * 1000,
  };
}

function cancelMs(inLevel: number): number {
  const [fill, measured] = [createLog(), createLog()];
  for (const command of flowSetUp(USERS, [{ price: PRICE }])) fill.add(command);
  const orders = Array.from({ length: ORDERS }, (_, index) => index + 1);
  for (const order of orders) fill.add(toCommand(stepOf("GTC", order, inLevel)));
  for (const order of shuffled(orders).slice(ORDERS / 2)) {
    measured.add(toCommand(stepOf("CANCEL", order, inLevel)));
  }
  const engine = filled({ fill: fill.bytes() });
  const log = measured.bytes();
  const startMs = performance.now();
  applyAll(engine, log);
  return (performance.now() - startMs) / (ORDERS / 2);
}

function stepOf(kind: FlowStep["kind"], order: number, inLevel: number): FlowStep {
  const price = PRICE - Math.floor((order - 1) / inLevel);
  return { kind, order, user: order % USERS, isBuy: true, price, lots: 1, limitUnits: 0 };
}

function theirCancelMs(inLevel: number): number {
  const book = new OrderBook();
  const ids = Array.from({ length: inLevel }, (_, index) => `o${index}`);
  const limit = book.limit.bind(book) as (options: object) => unknown;
  for (const id of ids) limit({ id, side: "buy", price: PRICE, size: 1 });
  const some = shuffled(ids).slice(0, THEIRS);
  const startMs = performance.now();
  for (const id of some) book.cancel(id);
  return (performance.now() - startMs) / THEIRS;
}

function shuffled<T>(values: readonly T[]): T[] {
  const random = createRandom(4);
  const mixed = [...values];
  for (let at = mixed.length - 1; at > 0; at -= 1) {
    const other = random.int(at + 1);
    [mixed[at], mixed[other]] = [mixed[other]!, mixed[at]!];
  }
  return mixed;
}

const [ORDERS, PRICE, THEIRS] = [100_000, 200_000, 100];
