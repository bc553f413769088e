/** A receipt on its way to the customer. */
export type Push = { readonly n: number; readonly mid: string; readonly status: number };

/** Where receipts are pushed to. The secret is the password of Basic authentication. */
export type Hook = { readonly url: string; readonly secret: string };

type Options = {
  readonly hook: () => Hook | undefined;
  /** Hears of receipts that the customer has taken. */
  readonly onPushed: (pushes: readonly Push[]) => void;
};

/**
 * Pushes receipts to the customer's hook, up to 500 a call and four calls at a time. A call that
 * fails is tried again with growing pauses, eight times in about 20 s; then its receipts are lost,
 * and only who polls finds them. Of more than a million that wait, the newest are lost too.
 */
export function createPusher({ hook, onPushed }: Options) {
  const ready: Batch[] = [];
  const pauses = new Set<NodeJS.Timeout>();
  const stop = new AbortController();
  const counts = { pushed: 0, calls: 0, failedCalls: 0, lost: 0, waiting: 0 };
  let running = 0;
  const send = async (batch: Batch) => {
    const isTaken = await post(hook(), batch.pushes, stop.signal);
    counts.calls++;
    if (isTaken) counts.pushed += batch.pushes.length;
    else counts.failedCalls++;
    if (isTaken) onPushed(batch.pushes);
    return isTaken;
  };
  const pump = async () => {
    if (running === MOST_CALLS) return;
    running++;
    for (let batch = ready.shift(); batch !== undefined; batch = ready.shift()) {
      const isTaken = await send(batch);
      batch.attempts++;
      if (!isTaken && batch.attempts < MOST_ATTEMPTS) pause(batch);
      else {
        counts.waiting -= batch.pushes.length;
        if (!isTaken) counts.lost += batch.pushes.length;
      }
    }
    running--;
  };
  const pause = (batch: Batch) => {
    if (stop.signal.aborted) return;
    const resume = () => {
      pauses.delete(timer);
      ready.push(batch);
      void pump();
    };
    const timer = setTimeout(resume, Math.min(100 * 2 ** batch.attempts, 5000));
    pauses.add(timer);
  };
  const enqueue = (push: Push) => {
    const last = ready.at(-1);
    const isOpen = last !== undefined && last.attempts === 0 && last.pushes.length < MOST_RECEIPTS;
    if (isOpen) last.pushes.push(push);
    else ready.push({ pushes: [push], attempts: 0 });
  };
  return {
    add: (pushes: readonly Push[]) => {
      if (pushes.length === 0 || hook() === undefined) return;
      const room = Math.min(pushes.length, MOST_WAITING - counts.waiting);
      for (const push of pushes.slice(0, room)) enqueue(push);
      counts.waiting += room;
      counts.lost += pushes.length - room;
      void pump();
    },
    /** Pushes receipts at once and waits for the hook's answer; not tried again. */
    pushNow: (pushes: readonly Push[]) => send({ pushes: [...pushes], attempts: 0 }),
    counts: () => ({ ...counts }),
    [Symbol.dispose]: () => {
      stop.abort();
      for (const timer of pauses) clearTimeout(timer);
    },
  };
}

/** Receipts of one call, and how often it was tried. */
type Batch = { readonly pushes: Push[]; attempts: number };

/** Whether the hook has taken a call. */
async function post(
  hook: Hook | undefined,
  pushes: readonly Push[],
  stop: AbortSignal,
): Promise<boolean> {
  if (hook === undefined || stop.aborted) return false;
  const receipts = pushes.map(({ mid, status }) => ({ mid, status }));
  const basic = Buffer.from(`magfa:${hook.secret}`).toString("base64");
  try {
    const response = await fetch(hook.url, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Basic ${basic}` },
      body: JSON.stringify({ receipts }),
      redirect: "error",
      signal: AbortSignal.any([stop, AbortSignal.timeout(CALL_MS)]),
    });
    await response.arrayBuffer(); // or the connection can't be used again
    return response.ok;
  } catch {
    return false;
  }
}

const MOST_RECEIPTS = 500;
const MOST_CALLS = 4;
const MOST_ATTEMPTS = 9;
const MOST_WAITING = 1_000_000;
const CALL_MS = 5000;
