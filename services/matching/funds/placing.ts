import { failpoint } from "#mesh/failpoint.ts";
import type { OrderId } from "../domain/command.ts";
import type { Funds, HoldVerdict, Wanted } from "./funds.ts";
import type { TakeHolds } from "./take-holds.ts";
import type { UnderWay } from "./under-way.ts";

/** Makes what begins to place orders. */
export function createPlacing(take: TakeHolds, underWay: UnderWay): Funds["placing"] {
  return (orders: readonly OrderId[]) => {
    underWay.enter(orders);
    let doubtful: readonly Wanted[] = [];
    return {
      take: async (wanted, signal) => {
        const onAsked = () => (doubtful = [...doubtful, ...wanted]);
        const verdicts = await take({ wanted, step: 0, onAsked }, signal);
        const free = new Set(wanted.filter((_, place) => holdsNothing.has(verdicts[place]!)));
        if (free.size > 0) doubtful = doubtful.filter((one) => !free.has(one));
        await failpoint("matching.held");
        return verdicts;
      },
      placed: () => {
        doubtful = [];
        underWay.clear(orders);
      },
      [Symbol.dispose]: () => {
        underWay.leave(orders);
        for (const one of doubtful) underWay.suspect({ ...one, step: 0 });
      },
    };
  };
}

/** After these there is nothing of this try to give up. */
const holdsNothing: ReadonlySet<HoldVerdict> = new Set<HoldVerdict>([
  "DIFFERS",
  "INSUFFICIENT_FUNDS",
  "RELEASED",
]);
