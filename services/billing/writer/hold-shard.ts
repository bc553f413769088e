import { setTimeout as sleep } from "node:timers/promises";
import type { Clock } from "#mesh/clock.ts";
import { type Connection, openConnection } from "#mesh/database/connection.ts";
import { CLOSE_BOOKS_MS, RENEW_LEASE_MS } from "#mesh/limits.ts";
import { type Shard, type Taking, takeShard } from "../store/ledger-shard.ts";
import { createDatabaseClock } from "./database-clock.ts";
import { createLease } from "./lease.ts";
import { type Epoch, storeUnderLease } from "./under-lease.ts";

/** A shard that is ours, under an epoch of its own, and the connections to work with it. */
export type Held = Epoch &
  AsyncDisposable & {
    /** Where the shard stood when it was taken. */
    readonly taken: Shard;
    /** A second connection, so that what is unknown is read while a commit is in flight. */
    readonly reads: Connection;
    /** Settles when the shard may not be ours any more. */
    readonly lost: Promise<Error>;
  };

/** Which shard to hold, and for whom. */
export type HoldOptions = {
  /** A direct address of the database, not one of a pool of transactions (L13). */
  readonly url: string;
  readonly shard: number;
  /** A name that no other writer ever has. */
  readonly owner: string;
  readonly clock: Clock;
};

/**
 * Takes a shard, and says from now on that its writer lives, whenever nothing else does. Undefined
 * when the shard is somebody else's.
 */
export async function holdShard(
  { url, shard, owner, clock }: HoldOptions,
  from: Taking["from"],
): Promise<Held | undefined> {
  await using opened = new AsyncDisposableStack();
  const commits = opened.use(await openConnection({ url, name: "ledger commits" }));
  const reads = opened.use(await openConnection({ url, name: "ledger reads" }));
  const lease = createLease(clock, clock.monotonicMs());
  const taken = await takeShard(commits, { shard, owner, from });
  if (taken === undefined) return undefined;
  const time = createDatabaseClock(taken.nowUs, clock);
  const { promise: lost, resolve: lose } = Promise.withResolvers<Error>();
  const held = { fence: { shard, epoch: taken.epoch }, taken, lease, time, commits, reads, lost };
  for (const { closed } of [commits, reads]) {
    void closed.then((error) => lose(error ?? new Error("the connection is closed")));
  }
  const beat = setInterval(() => {
    if (lease.isDue()) void storeUnderLease(held).catch(lose);
  }, RENEW_LEASE_MS);
  const connections = opened.move();
  const close = async () => {
    clearInterval(beat);
    const closed = connections.disposeAsync().catch(() => {}); // they may be broken already
    await Promise.race([closed, sleep(CLOSE_BOOKS_MS, undefined, { ref: false })]);
  };
  return { ...held, [Symbol.asyncDispose]: close };
}
