import { setTimeout as sleep } from "node:timers/promises";

/** What a load has done. */
export type Done = {
  /** Things a second, from the first request to the last answer. */
  readonly perSecond: number;
  /** How long each request took, in milliseconds. */
  readonly latenciesMs: readonly number[];
};

/** Sends requests for some time, each as soon as one before is answered: so many at a time. */
export async function closedLoop(
  { inFlight, ms }: { readonly inFlight: number; readonly ms: number },
  request: () => Promise<number>,
): Promise<Done> {
  const latenciesMs: number[] = [];
  let things = 0;
  const startMs = performance.now();
  const worker = async () => {
    for (let sentMs = startMs; sentMs < startMs + ms; sentMs = performance.now()) {
      const count = await request();
      things += count;
      latenciesMs.push(performance.now() - sentMs);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
  return { perSecond: (things / (performance.now() - startMs)) * 1000, latenciesMs };
}

/** Sends requests at a fixed rate, whatever the answers do; they count from when they were due. */
export async function openLoop(
  { perSecond, ms }: { readonly perSecond: number; readonly ms: number },
  request: () => Promise<number>,
): Promise<Done> {
  const latenciesMs: number[] = [];
  let things = 0;
  const startMs = performance.now();
  const send = async (dueMs: number) => {
    const count = await request();
    things += count;
    latenciesMs.push(performance.now() - dueMs);
  };
  const sent: Promise<void>[] = [];
  for (const count = (perSecond * ms) / 1000; sent.length < count; await sleep(1)) {
    const due = Math.min(count, ((performance.now() - startMs) * perSecond) / 1000);
    while (sent.length < due) sent.push(send(startMs + (sent.length * 1000) / perSecond));
  }
  await Promise.all(sent);
  return { perSecond: (things / (performance.now() - startMs)) * 1000, latenciesMs };
}
