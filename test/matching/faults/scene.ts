import { temporaryStack } from "../../../scripts/platform/temporary-stack.ts";
import { makeOrders } from "../../withdrawals/orders.ts";
import type { Random } from "../../kill/random.ts";
import type { Scene } from "./fault-test.ts";
import { openTraders } from "./traders.ts";
import { abandonOrders } from "./trading.ts";

/** Boots a stack of its own that heeds orders, with markets and people who have money to trade. */
export async function openScene(
  say: (text: string) => void,
  random: Random,
): Promise<Scene & AsyncDisposable & { keep(): void }> {
  await using cleanup = new AsyncDisposableStack();
  const orders = cleanup.use(makeOrders());
  const env = { ...shortTimes, MIZAN_FAILPOINTS: orders.folder };
  const temporary = cleanup.use(await temporaryStack({ say, env }));
  const stack = temporary.current();
  const traders = await openTraders(stack.describe(), TRADERS);
  const opened = cleanup.move();
  return {
    stack,
    traders,
    orders,
    abandonSome: () => abandonOrders(traders, random),
    keep: () => {
      temporary.keep();
      say(`The logs and databases stay in ${stack.home}.`);
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

/** Holds of calls that nobody repeats are given up soon, and memory is written down often. */
const shortTimes = { ORPHAN_HOLDS_S: "5", SNAPSHOT_BATCHES: "25" };

/** Enough that some requests share a batch and others don't. */
const TRADERS = 8;
