import { setTimeout as sleep } from "node:timers/promises";
import type { Clock } from "#mesh/clock.ts";
import { type Connection, openConnection } from "#mesh/database/connection.ts";
import { CLOSE_BOOKS_MS, KEPT_REPLIES_PER_GENERATION } from "#mesh/limits.ts";
import { type Ledger, ledgerOf } from "../domain/ledger.ts";
import { type Fence, findNowUs, type Taking, takeShard } from "../store/ledger-shard.ts";
import { catchUp, type Warm } from "./catch-up.ts";
import { checkBooks } from "./check-books.ts";
import { createDatabaseClock, type DatabaseClock } from "./database-clock.ts";
import { createLease, type Lease } from "./lease.ts";
import type { LoadOptions } from "./load-memory.ts";
import { loadMonitors, type Monitors } from "./monitors.ts";
import { loadRegister, type Register } from "./register.ts";
import { createReplies, type Replies } from "./replies.ts";
import { loadUntold, type Untold } from "./untold.ts";

/** The books in memory, under an epoch of their own, and the way to store what is decided. */
export type Books = AsyncDisposable & {
  readonly fence: Fence;
  readonly lease: Lease;
  readonly ledger: Ledger;
  readonly replies: Replies;
  readonly register: Register;
  readonly monitors: Monitors;
  readonly untold: Untold;
  readonly time: DatabaseClock;
  readonly commits: Connection;
  /** A second connection, so that what is unknown is read while a commit is in flight. */
  readonly reads: Connection;
};

/** Which books to open. */
export type BooksOptions = LoadOptions & {
  /** A direct address of the database, not one of a pool of transactions (L13). */
  readonly url: string;
  /** A name that no other writer ever has. */
  readonly owner: string;
  readonly clock: Clock;
};

/**
 * Takes the shard, and what was stored since memory was loaded. Undefined when the shard is
 * somebody else's; throws a BooksError when the books do not add up (WR-7). Memory stays as good as
 * it was when this fails.
 */
export async function takeBooks(
  { url, shard, owner, clock }: BooksOptions,
  warm: Warm,
  from: Taking["from"],
): Promise<Books | undefined> {
  await using opened = new AsyncDisposableStack();
  const commits = opened.use(await openConnection({ url, name: "ledger commits" }));
  const reads = opened.use(await openConnection({ url, name: "ledger reads" }));
  const lease = createLease(clock, clock.monotonicMs());
  const taken = await takeShard(commits, { shard, owner, from });
  if (taken === undefined) return undefined;
  await catchUp(commits, warm, taken); // nobody else adds to it any more
  const { memory } = warm;
  checkBooks(memory.accounts.sums(), memory.pendings.all());
  const register = await loadRegister(commits);
  memory.ledgers = register.assets.ledgers;
  const monitors = await loadMonitors(commits);
  const untold = await loadUntold(commits, memory.lastSlot);
  const time = createDatabaseClock(await findNowUs(commits), clock);
  const resources = opened.move();
  return {
    fence: { shard, epoch: taken.epoch },
    lease,
    ledger: ledgerOf(memory),
    replies: createReplies(KEPT_REPLIES_PER_GENERATION),
    register,
    monitors,
    untold,
    time,
    commits,
    reads,
    [Symbol.asyncDispose]: async () => close(resources),
  };
}

/** A database that does not answer any more must not keep the books from being opened anew. */
async function close(connections: AsyncDisposableStack): Promise<void> {
  const closed = connections.disposeAsync().catch(() => {}); // they may be broken already
  await Promise.race([closed, sleep(CLOSE_BOOKS_MS, undefined, { ref: false })]);
}
