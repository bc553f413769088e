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
   * Answers what it is then. When that can't be recorded, the provider is asked later.
   */
  readonly send: (ready: Ready) => Promise<Payout>;
  /** Sends, and waits for nothing. */
  readonly launch: (ready: Ready) => void;
  /** Waits until nothing is on its way that has begun before. */
  readonly settled: () => Promise<void>;
  /** The ways to the providers, in the order in which they are tried. */
  readonly lanes: ReadonlyMap<string, Lane>;
};

/** Makes the engine of a process. */
export function createEngine(settlement: Settlement): Engine {
  const { banks, log } = settlement;
  const lanes = new Map([...banks].map(([name, bank]) => [name, openLane(settlement, bank)]));
  const accept = createAccept(settlement, lanes);
  const recorder = createRecorder(settlement);
  const underWay = new Set<Promise<unknown>>();
  const send = async (ready: Ready): Promise<Payout> => {
    const { payout } = ready;
    const outcome = await lanes.get(payout.provider)!.submit(ready);
    return recorder.add({ payout, outcome });
  };
  const track = async <T>(work: Promise<T>): Promise<T> => {
    underWay.add(work);
    try {
      return await work;
    } finally {
      underWay.delete(work);
    }
  };
  return {
    accept: accept.add,
    send: async (ready) => track(send(ready)),
    launch: (ready) => {
      track(send(ready)).catch((error: unknown) => {
        log.warn({ err: error, payout_id: ready.payout.id }, "an outcome could not be recorded");
      });
    },
    settled: async () => void (await Promise.allSettled(underWay)),
    lanes,
  };
}
