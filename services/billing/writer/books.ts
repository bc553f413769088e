import { setTimeout as sleep } from "node:timers/promises";
import { type Connection, openConnection } from "#mesh/database/connection.ts";
import { CLOSE_BOOKS_MS, KEPT_REPLIES_PER_GENERATION } from "#mesh/limits.ts";
import type { Clock } from "#mesh/clock.ts";
import { createLedger, type Ledger } from "../domain/ledger.ts";
import { loadAccounts } from "../store/accounts.ts";
import { type Fence, findLastSeq, findNowUs, takeShard } from "../store/ledger-shard.ts";
import { loadOpenPendings } from "../store/open-pendings.ts";
import { BooksError, checkBooks } from "./check-books.ts";
import { createDatabaseClock, type DatabaseClock } from "./database-clock.ts";
import { loadRegister, type Register } from "./register.ts";
import { createReplies, type Replies } from "./replies.ts";

/** The books in memory, under an epoch of their own, and the way to store what is decided. */
export type Books = AsyncDisposable & {
  readonly fence: Fence;
  readonly ledger: Ledger;
  readonly replies: Replies;
  readonly register: Register;
  readonly time: DatabaseClock;
  readonly commits: Connection;
  /** A second connection, so that what is unknown is read while a commit is in flight. */
  readonly reads: Connection;
};

/** Which books to open. */
export type BooksOptions = {
  /** A direct address of the database, not one of a pool of transactions (L13). */
  readonly url: string;
  readonly shard: number;
  /** A name that no other writer ever has. */
  readonly owner: string;
  readonly clock: Clock;
  /** How many ids memory keeps of each generation, when not the usual number. */
  readonly recentTransfers?: number;
};

/** Another writer holds the shard. This one must never write again (WR-6). */
export class Deposed extends Error {
  override readonly name = "Deposed";
}

/**
 * Takes the shard over, or back, and reads its books. Throws a BooksError when they do not add up
 * (WR-7), and Deposed when it was to be taken back from somebody else.
 */
export async function openBooks(options: BooksOptions, isBack: boolean): Promise<Books> {
  const { url, shard, owner, clock } = options;
  await using opened = new AsyncDisposableStack();
  const commits = opened.use(await openConnection({ url, name: "ledger commits" }));
  const reads = opened.use(await openConnection({ url, name: "ledger reads" }));
  const taken = await takeShard(commits, { shard, owner, isBack });
  if (taken === undefined) throw new Deposed(`another writer holds shard ${shard}`);
  const { epoch, lastSeq, lastAtUs } = taken;
  const storedSeq = await findLastSeq(commits);
  if (storedSeq !== lastSeq) {
    throw new BooksError(`the last transfer is ${storedSeq}, the shard says ${lastSeq}`);
  }
  const [accounts, openPendings] = [await loadAccounts(commits), await loadOpenPendings(commits)];
  checkBooks(accounts, openPendings);
  const { recentTransfers } = options;
  const register = await loadRegister(commits);
  const { ledgers } = register.assets;
  const lastSlot = accounts.at(-1)?.slot ?? 0;
  const state = { ledgers, accounts, openPendings, lastSeq, lastAtUs, lastSlot };
  const ledger = createLedger({ ...state, ...(recentTransfers && { recentTransfers }) });
  const time = createDatabaseClock(await findNowUs(commits), clock);
  const resources = opened.move();
  return {
    fence: { shard, epoch },
    ledger,
    replies: createReplies(KEPT_REPLIES_PER_GENERATION),
    register,
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
