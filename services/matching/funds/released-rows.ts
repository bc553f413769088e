import { setTimeout as sleep } from "node:timers/promises";
import { RELEASED_ROWS_EVERY_MS } from "#mesh/limits.ts";
import { deleteReleases, type ReleaseKey } from "../store/releases.ts";
import type { FundsMeans } from "./means.ts";

/** Deletes the rows of releases that the ledger has made, many at a time. */
export type ReleasedRows = AsyncDisposable & {
  readonly add: (done: readonly ReleaseKey[]) => void;
};

/** Makes it; `onGone` is told of releases whose rows are deleted, or that are left to the next look. */
export function createReleasedRows(
  { db, log, writer }: Pick<FundsMeans, "db" | "log" | "writer">,
  onGone: (done: readonly ReleaseKey[]) => void,
): ReleasedRows {
  const stop = new AbortController();
  let waiting: ReleaseKey[] = [];
  let running: Promise<void> | undefined;
  const pass = async () => {
    const done = waiting;
    waiting = [];
    try {
      await writer.flushed(); // a release is often made before its row is
      await deleteReleases(db.sql, done);
    } catch (error) {
      log.warn({ err: error, count: done.length }, "releases that were made are made once more");
    }
    onGone(done);
  };
  const run = async () => {
    while (waiting.length > 0) {
      await sleep(RELEASED_ROWS_EVERY_MS, undefined, { signal: stop.signal }).catch(() => {});
      await pass();
    }
    running = undefined;
  };
  return {
    add: (done) => {
      for (const one of done) waiting.push(one);
      if (waiting.length > 0) running ??= run();
    },
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await running;
    },
  };
}
