/** Where a customer is told, and the secret that the call proves itself with. */
export type Hook = { readonly url: string; readonly secret: string };

/** How news of one provider are pushed. */
type Options<Item> = {
  readonly hook: () => Hook | undefined;
  /** The most news of one call. */
  readonly maxItems: number;
  /** Writes a call, anew for each attempt. */
  readonly write: (items: readonly Item[], hook: Hook) => Call;
  /** Hears of news that the customer has taken. */
  readonly onPushed?: (items: readonly Item[]) => void;
};

type Call = { readonly headers: Readonly<Record<string, string>>; readonly body: string };

/**
 * Pushes news to the customer's hook, four calls at a time. A call that fails is tried again with
 * growing pauses, eight times in about 20 s; then its news are lost, and only who asks finds them.
 * Of more than a million that wait, the newest are lost too.
 */
export function createPusher<Item>({ hook, maxItems, write, onPushed }: Options<Item>) {
  const ready: Batch<Item>[] = [];
  const pauses = new Set<NodeJS.Timeout>();
  const stop = new AbortController();
  const counts = { pushed: 0, calls: 0, failedCalls: 0, lost: 0, waiting: 0 };
  let running = 0;
  const send = async (batch: Batch<Item>) => {
    const to = hook();
    const isTaken = to !== undefined && (await post(to, write(batch.items, to), stop.signal));
    counts.calls++;
    if (isTaken) counts.pushed += batch.items.length;
    else counts.failedCalls++;
    if (isTaken) onPushed?.(batch.items);
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
        counts.waiting -= batch.items.length;
        if (!isTaken) counts.lost += batch.items.length;
      }
    }
    running--;
  };
  const pause = (batch: Batch<Item>) => {
    if (stop.signal.aborted) return;
    const resume = () => {
      pauses.delete(timer);
      ready.push(batch);
      void pump();
    };
    const timer = setTimeout(resume, Math.min(100 * 2 ** batch.attempts, 5000));
    pauses.add(timer);
  };
  const enqueue = (item: Item) => {
    const last = ready.at(-1);
    const isOpen = last !== undefined && last.attempts === 0 && last.items.length < maxItems;
    if (isOpen) last.items.push(item);
    else ready.push({ items: [item], attempts: 0 });
  };
  return {
    add: (items: readonly Item[]) => {
      if (items.length === 0 || hook() === undefined) return;
      const room = Math.min(items.length, MOST_WAITING - counts.waiting);
      for (const item of items.slice(0, room)) enqueue(item);
      counts.waiting += room;
      counts.lost += items.length - room;
      void pump();
    },
    /** Pushes news at once and waits for the hook's answer; not tried again. */
    pushNow: (items: readonly Item[]) => send({ items: [...items], attempts: 0 }),
    counts: () => ({ ...counts }),
    [Symbol.dispose]: () => {
      stop.abort();
      for (const timer of pauses) clearTimeout(timer);
    },
  };
}

/** The news of one call, and how often it was tried. */
type Batch<Item> = { readonly items: Item[]; attempts: number };

/** Whether the hook has taken a call. */
async function post({ url }: Hook, { headers, body }: Call, stop: AbortSignal): Promise<boolean> {
  if (stop.aborted) return false;
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body,
      redirect: "error",
      signal: AbortSignal.any([stop, AbortSignal.timeout(CALL_MS)]),
    });
    await response.arrayBuffer(); // or the connection can't be used again
    return response.ok;
  } catch {
    return false;
  }
}

const MOST_CALLS = 4;
const MOST_ATTEMPTS = 9;
const MOST_WAITING = 1_000_000;
const CALL_MS = 5000;
