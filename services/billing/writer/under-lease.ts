import { renewShard } from "../store/ledger-shard.ts";
import { type EncodedCommit, storeCommit } from "../store/store-commit.ts";
import type { Books } from "./books.ts";

/** The shard is under another epoch: what memory says may be wrong (WR-6). */
export class FenceLost extends Error {
  override readonly name = "FenceLost";
}

/** Stores a commit, which renews the lease. Without one the lease alone is renewed. */
export async function storeUnderLease(books: Books, commit?: EncodedCommit): Promise<void> {
  const { commits, fence, lease, time } = books;
  const sentMs = lease.now();
  const sent = commit === undefined ? renewShard(commits, fence) : storeCommit(commits, commit);
  const nowUs = await sent;
  if (nowUs === undefined) throw new FenceLost(`epoch ${fence.epoch} is over`);
  time.set(nowUs);
  lease.renew(sentMs);
}
