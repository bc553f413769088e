/** Does work of one lane in order and that of several lanes at the same time. */
export type Lanes = {
  /** Adds work to a lane. Work never throws. */
  readonly add: (lane: string, work: () => Promise<void>) => void;
  /** Waits until all work is done; what has not begun within a time is dropped. */
  readonly stop: (withinMs: number) => Promise<void>;
};

/** Makes lanes of which `atWork` are at work at a time. Whoever adds bounds what waits (R3). */
export function createLanes(atWork: number): Lanes {
  const waiting = new Map<string, (() => Promise<void>)[]>();
  const busy = new Map<string, Promise<void>>();
  const begin = (): void => {
    for (const [lane, works] of waiting) {
      if (busy.size >= atWork) return;
      if (busy.has(lane)) continue;
      busy.set(lane, run(lane, works.shift()!));
      waiting.delete(lane); // and to the end, so that every lane has its turn
      if (works.length > 0) waiting.set(lane, works);
    }
  };
  const run = async (lane: string, work: () => Promise<void>): Promise<void> => {
    await work();
    busy.delete(lane);
    begin();
  };
  const add = (lane: string, work: () => Promise<void>) => {
    const works = waiting.get(lane);
    if (works === undefined) waiting.set(lane, [work]);
    else works.push(work);
    begin();
  };
  const stop = async (withinMs: number) => {
    const timer = setTimeout(() => waiting.clear(), withinMs);
    while (busy.size > 0) await Promise.race(busy.values());
    clearTimeout(timer);
  };
  return { add, stop };
}
