import { setTimeout as sleep } from "node:timers/promises";
import type { Clock } from "#mesh/clock.ts";
import { openConnection } from "#mesh/database/connection.ts";
import { isLost } from "#mesh/database/failure.ts";
import { FOLLOW_EVERY_MS, LEDGER_LEASE_MS, OWNER_GONE_MS, REOPEN_MS } from "#mesh/limits.ts";
import type { Log } from "#mesh/log.ts";
import { findHolding, type Holding } from "../store/ledger-shard.ts";
import { type Books, type BooksOptions, takeBooks } from "./books.ts";
import { catchUp, type Warm } from "./catch-up.ts";

/** How a standby waits. */
export type StandbyOptions = BooksOptions & {
  readonly log: Log;
  /** Ends the wait, by throwing its reason. */
  readonly signal?: AbortSignal;
};

/**
 * Waits until no other writer has the shard, and takes it: when it was given free, when nothing was
 * heard of its writer for as long as a lease lasts by our own clock, since the database's can jump,
 * or when the connection of that one is gone.
 * Until then memory follows what the other one stores, so that it is warm (WR-6).
 */
export async function standBy(options: StandbyOptions, warm: Warm): Promise<Books> {
  const { log, signal } = options;
  for (;;) {
    try {
      const holding = await untilFree(options, warm);
      const books = await takeBooks(options, holding, () => warm);
      if (books !== undefined) return books;
    } catch (error) {
      if (!isLost(error)) throw error;
      log.warn({ err: error }, "the books can't be followed for now");
    }
    await pause(REOPEN_MS, signal);
  }
}

async function untilFree(options: StandbyOptions, warm: Warm): Promise<Holding> {
  const { url, shard, owner, clock, log, signal } = options;
  await using connection = await openConnection({ url, name: "ledger standby" });
  const isSilent = createSilence(clock);
  let goneSinceMs: number | undefined;
  let writer = "";
  for (;;) {
    const askedMs = clock.monotonicMs();
    const holding = await findHolding(connection, shard);
    const isFree = holding.isFree || isSilent(holding, askedMs);
    await catchUp(connection, warm, holding);
    const nowMs = clock.monotonicMs();
    goneSinceMs = holding.isOwnerThere ? undefined : (goneSinceMs ?? nowMs);
    const isGone = nowMs - (goneSinceMs ?? nowMs) >= OWNER_GONE_MS;
    if (isFree || isGone || holding.owner === owner) return holding;
    if (writer !== holding.owner) log.info({ writer: holding.owner }, "another writer is followed");
    writer = holding.owner;
    await pause(FOLLOW_EVERY_MS, signal);
  }
}

/**
 * Tells of each look at the shard whether its writer has said nothing for as long as a lease lasts.
 * Counted is from the answer that showed its last word to the moment of a question: that is never
 * longer than it was silent, however long the database takes to answer.
 */
function createSilence({ monotonicMs }: Clock) {
  let heard: Pick<Holding, "epoch" | "leaseUntilUs"> | undefined;
  let heardMs = 0;
  return (holding: Holding, askedMs: number): boolean => {
    const { epoch, leaseUntilUs } = holding;
    if (heard?.epoch === epoch && heard.leaseUntilUs === leaseUntilUs) {
      return askedMs - heardMs >= LEDGER_LEASE_MS;
    }
    heard = { epoch, leaseUntilUs };
    heardMs = monotonicMs();
    return false;
  };
}

async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  await sleep(ms, undefined, { ...(signal && { signal }) }).catch(() => {});
  signal?.throwIfAborted();
}
