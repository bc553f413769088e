/** Does things when they are due, many at a time and to the tick. */
export type Wheel<T> = Disposable & {
  readonly add: (item: T, dueMs: number) => void;
  readonly waiting: () => number;
};

/** Starts a wheel; the times are those of `performance.now()`. */
export function createWheel<T>(take: (items: readonly T[]) => void): Wheel<T> {
  const buckets = new Map<number, T[]>();
  let turned = Math.floor(performance.now() / TICK_MS);
  let waiting = 0;
  let timer: NodeJS.Timeout | undefined;
  let isOver = false;
  const turn = () => {
    const now = Math.floor(performance.now() / TICK_MS);
    for (; turned < now; turned++) {
      const items = buckets.get(turned + 1);
      if (items === undefined) continue;
      buckets.delete(turned + 1);
      waiting -= items.length;
      take(items);
    }
    if (waiting === 0) stop();
  };
  const stop = () => {
    clearInterval(timer);
    timer = undefined;
  };
  const add = (item: T, dueMs: number) => {
    if (isOver) return;
    if (timer === undefined) {
      turned = Math.floor(performance.now() / TICK_MS);
      timer = setInterval(turn, TICK_MS);
    }
    const tick = Math.max(Math.ceil(dueMs / TICK_MS), turned + 1);
    const bucket = buckets.get(tick);
    if (bucket === undefined) buckets.set(tick, [item]);
    else bucket.push(item);
    waiting++;
  };
  const end = () => {
    isOver = true;
    stop();
  };
  return { add, waiting: () => waiting, [Symbol.dispose]: end };
}

const TICK_MS = 20;
