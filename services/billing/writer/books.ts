import type { Taking } from "#mesh/database/shard-row.ts";
import { KEPT_REPLIES_PER_GENERATION } from "#mesh/limits.ts";
import { type Held as HeldShard, type HoldOptions, holdShard } from "#mesh/shard/hold-shard.ts";
import { type Ledger, ledgerOf } from "../domain/ledger.ts";
import { ledgerShard, type Shard } from "../store/ledger-shard.ts";
import { catchUp, type Warm } from "./catch-up.ts";
import { checkBooks } from "./check-books.ts";
import type { LoadOptions } from "./load-memory.ts";
import { loadMonitors, type Monitors } from "./monitors.ts";
import { loadRegister, type Register } from "./register.ts";
import { createReplies, type Replies } from "./replies.ts";
import { loadUntold, type Untold } from "./untold.ts";

type Held = HeldShard<Shard>;

/** The books in memory, and the shard that they are of. */
export type Books = Held & {
  readonly ledger: Ledger;
  readonly replies: Replies;
  readonly register: Register;
  readonly monitors: Monitors;
  readonly untold: Untold;
};

/** Which books to open. */
export type BooksOptions = LoadOptions & Holder;

type Holder = Omit<HoldOptions<Shard>, "row" | "name">;

/** How the shard of the books is held. */
export function holding({ url, shard, owner, clock }: Holder): HoldOptions<Shard> {
  return { url, shard, owner, clock, row: ledgerShard, name: "ledger" };
}

/**
 * Takes the shard and opens its books, with a memory that is warm by then or is warmed up while the
 * shard is held. Undefined when the shard is somebody else's; throws a BooksError when the books do
 * not add up (WR-7). Memory stays as good as it was when this fails.
 */
export async function takeBooks(
  options: Holder,
  from: Taking["from"],
  warmUp: (held: Held) => Promise<Warm> | Warm,
): Promise<Books | undefined> {
  await using opened = new AsyncDisposableStack();
  const held = opened.use(await holdShard(holding(options), from));
  if (held === undefined) return undefined;
  const warm = await warmUp(held);
  const { commits, taken } = held;
  await catchUp(commits, warm, taken); // nobody else adds to it any more
  const { memory } = warm;
  checkBooks(memory.accounts.sums(), memory.pendings.all());
  const register = await loadRegister(commits);
  memory.ledgers = register.assets.ledgers;
  const monitors = await loadMonitors(commits);
  const untold = await loadUntold(commits, memory.lastSlot);
  opened.move();
  const replies = createReplies(KEPT_REPLIES_PER_GENERATION);
  return { ...held, ledger: ledgerOf(memory), replies, register, monitors, untold };
}
