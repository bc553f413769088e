import { setTimeout as sleep } from "node:timers/promises";
import type { Clock } from "../clock.ts";
import { type Connection, openConnection } from "../database/connection.ts";
import { CLOSE_BOOKS_MS, RENEW_LEASE_MS } from "../limits.ts";
import { createDatabaseClock, type DatabaseClock } from "./database-clock.ts";
import { createLease, type Lease } from "./lease.ts";
import type { Fence, ShardRow, Taken, Taking } from "../database/shard-row.ts";

/** What it takes to store something under an epoch of ours. */
export type Epoch = {
  readonly fence: Fence;
  readonly lease: Lease;
  readonly time: DatabaseClock;
  readonly commits: Connection;
};

/** A shard that is ours, under an epoch of its own, and the connections to work with it. */
export type Held<S> = Epoch &
  AsyncDisposable & {
    /** Where the shard stood when it was taken. */
    readonly taken: Taken<S>;
    /** A second connection, so that what is unknown is read while a commit is in flight. */
    readonly reads: Connection;
    /** Settles when the shard may not be ours any more. */
    readonly lost: Promise<Error>;
  };

/** Which shard to hold, and for whom. */
export type HoldOptions<S> = {
  /** A direct address of the database, not one of a pool of transactions (L13). */
  readonly url: string;
  readonly shard: number;
  readonly row: ShardRow<S>;
  /** A name that no other writer ever has. */
  readonly owner: string;
  /** What the connections are called, such as "ledger". */
  readonly name: string;
  readonly clock: Clock;
};

/**
 * Takes a shard, and says from now on that its writer lives, whenever nothing else does. Undefined
 * when the shard is somebody else's.
 */
export async function holdShard<S>(
  { url, shard, row, owner, name, clock }: HoldOptions<S>,
  from: Taking["from"],
): Promise<Held<S> | undefined> {
  await using opened = new AsyncDisposableStack();
  const commits = opened.use(await openConnection({ url, name: `${name} commits` }));
  const reads = opened.use(await openConnection({ url, name: `${name} reads` }));
  const lease = createLease(clock, clock.monotonicMs());
  const taken = await row.take(commits, { shard, owner, from });
  if (taken === undefined) return undefined;
  const time = createDatabaseClock(taken.nowUs, clock);
  const { promise: lost, resolve: lose } = Promise.withResolvers<Error>();
  const epoch = { fence: { shard, epoch: taken.epoch }, lease, time, commits };
  for (const { closed } of [commits, reads]) {
    void closed.then((error) => lose(error ?? new Error("the connection is closed")));
  }
  const beat = setInterval(() => {
    if (!lease.isDue()) return;
    void underLease(epoch, async () => row.renew(commits, epoch.fence)).catch(lose);
  }, RENEW_LEASE_MS);
  const connections = opened.move();
  const close = async () => {
    clearInterval(beat);
    const closed = connections.disposeAsync().catch(() => {}); // they may be broken already
    await Promise.race([closed, sleep(CLOSE_BOOKS_MS, undefined, { ref: false })]);
  };
  return { ...epoch, taken, reads, lost, [Symbol.asyncDispose]: close };
}

/** The shard is under another epoch: what memory says may be wrong (WR-6). */
export class FenceLost extends Error {
  override readonly name = "FenceLost";
}

/**
 * Sends a statement that says that the writer lives, and renews the lease when it went well. The
 * statement tells the database's time in microseconds, or nothing when the shard is another's.
 */
export async function underLease(
  { fence, lease, time }: Epoch,
  send: () => Promise<number | undefined>,
): Promise<void> {
  const sentMs = lease.now();
  const nowUs = await send();
  if (nowUs === undefined) throw new FenceLost(`epoch ${fence.epoch} is over`);
  time.set(nowUs);
  lease.renew(sentMs);
}

/** Spares the next writer the wait for the end of our lease; where that fails, it waits. */
export async function handOver<S>(row: ShardRow<S>, { commits, fence }: Epoch): Promise<void> {
  const freed = row.free(commits, fence).catch(() => {});
  await Promise.race([freed, sleep(CLOSE_BOOKS_MS, undefined, { ref: false })]);
}
