import { createFlow, emptyStep } from "../../services/matching/testing/flow.ts";
import { flowSetUp, toCommand } from "../../services/matching/testing/flow-commands.ts";
import { createRandom, type Random } from "../../services/matching/testing/flow-random.ts";
import { applyAll, filled } from "./engine-run.ts";
import { bytesInUse } from "./garbage.ts";
import { createLog, type Logs, USERS } from "./logs.ts";

/** Many books in one engine; some get more of the commands than others. */
export type ManyMarkets = { readonly markets: number; readonly orders: number };

/**
 * Draws the commands: each market has a flow of its own, and of the measured commands a share drawn
 * from a Pareto distribution with shape 1.5, as exchange-core's tests have it.
 */
export function drawMarkets({ markets, orders }: ManyMarkets, count: number): Logs {
  const random = createRandom(3);
  const flows = Array.from({ length: markets }, (_, index) =>
    createFlow({ seed: index, users: USERS, orders, mix: "exchange-core" }),
  );
  const [fill, measured, step] = [createLog(), createLog(), emptyStep()];
  for (const command of flowSetUp(USERS, flows)) fill.add(command);
  for (const [index, flow] of flows.entries()) {
    for (let left = orders; left > 0; left -= 1) {
      flow.next(step);
      fill.add(toCommand(step, index + 1));
    }
  }
  const draw = drawFrom(random, markets);
  for (let left = count; left > 0; left -= 1) {
    const index = draw();
    flows[index]!.next(step);
    measured.add(toCommand(step, index + 1));
  }
  return { fill: fill.bytes(), measured: measured.bytes(), count };
}

/** Applies them, and tells what all books take. */
export function measureMarkets(logs: Logs): Record<string, number> {
  const before = bytesInUse();
  const engine = filled(logs);
  const startMs = performance.now();
  applyAll(engine, logs.measured);
  const seconds = (performance.now() - startMs) / 1000;
  const bytes = bytesInUse() - before;
  if (engine.liveOrders === 0) throw new Error("no order is left"); // and keeps it until here
  return { "1,000 markets": logs.count / seconds, "1,000 markets, memory": bytes / 2 ** 20 };
}

function drawFrom(random: Random, count: number): () => number {
  const ends: number[] = [];
  let sum = 0;
  for (let left = count; left > 0; left -= 1) ends.push((sum += (1 - random.unit()) ** (-1 / 1.5)));
  return () => {
    const at = random.unit() * sum;
    let [low, high] = [0, count - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (ends[middle]! <= at) low = middle + 1;
      else high = middle;
    }
    return low;
  };
}
