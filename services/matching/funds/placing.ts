import { failpoint } from "#mesh/failpoint.ts";
import type { OrderId } from "../domain/command.ts";
import type { Funds } from "./funds.ts";
import type { TakeHolds } from "./take-holds.ts";
import type { UnderWay } from "./under-way.ts";

/** Makes what begins to place orders. */
export function createPlacing(
  take: TakeHolds,
  { enter, leave }: Pick<UnderWay, "enter" | "leave">,
): Funds["placing"] {
  return (orders: readonly OrderId[]) => {
    enter(orders);
    return {
      take: async (wanted, signal) => {
        const verdicts = await take({ wanted, step: 0 }, signal);
        await failpoint("matching.held");
        return verdicts;
      },
      [Symbol.dispose]: () => leave(orders),
    };
  };
}
