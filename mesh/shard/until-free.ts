import { setTimeout as sleep } from "node:timers/promises";
import type { Clock } from "../clock.ts";
import { type Connection, openConnection } from "../database/connection.ts";
import { FOLLOW_EVERY_MS, OWNER_GONE_MS, SHARD_LEASE_MS } from "../limits.ts";
import type { Log } from "../log.ts";
import type { HoldOptions } from "./hold-shard.ts";
import type { Holding } from "../database/shard-row.ts";

/** How a standby waits, and what it does meanwhile. */
export type Following<S> = HoldOptions<S> & {
  readonly log: Log;
  /** Ends the wait, by throwing its reason. */
  readonly signal?: AbortSignal;
  /** Takes in what the writer has stored up to where the shard stands. */
  readonly follow: (connection: Connection, holding: Holding<S>) => Promise<void>;
};

/**
 * Waits until no other writer has the shard: when it was given free, when nothing was heard of its
 * writer for as long as a lease lasts by our own clock, since the database's can jump, or when the
 * connection of that one is gone. Until then memory follows what the other one stores (WR-6).
 */
export async function untilFree<S>(options: Following<S>): Promise<Holding<S>> {
  const { url, shard, row, owner, name, clock, log, signal } = options;
  await using connection = await openConnection({ url, name: `${name} standby` });
  const isSilent = createSilence<S>(clock);
  let goneSinceMs: number | undefined;
  let writer = "";
  for (;;) {
    const askedMs = clock.monotonicMs();
    const holding = await row.find(connection, shard);
    const isFree = holding.isFree || isSilent(holding, askedMs);
    await options.follow(connection, holding);
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
function createSilence<S>({ monotonicMs }: Clock) {
  let heard: { readonly epoch: number; readonly leaseUntilUs: number } | undefined;
  let heardMs = 0;
  return (holding: Holding<S>, askedMs: number): boolean => {
    const { epoch, leaseUntilUs } = holding;
    if (heard?.epoch === epoch && heard.leaseUntilUs === leaseUntilUs) {
      return askedMs - heardMs >= SHARD_LEASE_MS;
    }
    heard = { epoch, leaseUntilUs };
    heardMs = monotonicMs();
    return false;
  };
}

/** Waits; throws the signal's reason when that ends the wait. */
export async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  await sleep(ms, undefined, { ...(signal && { signal }) }).catch(() => {});
  signal?.throwIfAborted();
}
