import type { Settlement } from "../context.ts";
import type { Payout } from "../domain/payout.ts";
import { type Accept, createAccept } from "./accept.ts";
import { type Lane, openLane, type Ready } from "./lane.ts";
import { createRecorder } from "./recorder.ts";

/** What takes payouts to providers; many are on their way together. */
export type Engine = {
  /** Takes payouts and writes their first attempts. */
  readonly accept: Accept["add"];
  /**
   * Hands a payout whose attempt is committed to its provider, and records what became of it.
   * Answers what it is then. When that can't be recorded, the sweeper asks the provider.
   */
  readonly send: (ready: Ready) => Promise<Payout>;
  /** The ways to the providers, in the order in which they are tried. */
  readonly lanes: ReadonlyMap<string, Lane>;
};

/** Makes the engine of a process. */
export function createEngine(settlement: Settlement): Engine {
  const { banks } = settlement;
  const lanes = new Map([...banks].map(([name, bank]) => [name, openLane(settlement, bank)]));
  const accept = createAccept(settlement, lanes);
  const recorder = createRecorder(settlement);
  return {
    accept: accept.add,
    send: async (ready) => {
      const { payout } = ready;
      const outcome = await lanes.get(payout.provider)!.submit(ready);
      return recorder.add({ payout, outcome });
    },
    lanes,
  };
}
