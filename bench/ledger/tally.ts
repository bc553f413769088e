import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { openConnection } from "#mesh/database/connection.ts";

/** The database of the listener. */
export type Tables = { tally: { last_seq: number } };

/** Somebody who counts the transfers of the ledger's events. */
export type Tally = AsyncDisposable & {
  /** The number of the last transfer that was counted; all before it were as well. */
  readonly lastSeq: () => Promise<number>;
};

/** Starts the listener on a thread of its own. */
export async function startTally(url: string, natsUrl: string): Promise<Tally> {
  await using opened = new AsyncDisposableStack();
  const connection = opened.use(await openConnection({ url, name: "bench" }));
  await connection.query("create table tally as select 0::bigint as last_seq");
  const listener = new Worker(new URL("listener.ts", import.meta.url), {
    workerData: { url, natsUrl },
  });
  opened.defer(async () => {
    const ended = once(listener, "exit");
    // eslint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
    listener.postMessage("stop");
    await ended;
  });
  const resources = opened.move();
  return {
    lastSeq: async () => {
      const [row] = await connection.query<{ last_seq: number }>("select last_seq from tally");
      return row!.last_seq;
    },
    [Symbol.asyncDispose]: async () => resources.disposeAsync(),
  };
}
