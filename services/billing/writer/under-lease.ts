import type { Connection } from "#mesh/database/connection.ts";
import { type Fence, renewShard } from "../store/ledger-shard.ts";
import { type EncodedCommit, storeCommit } from "../store/store-commit.ts";
import type { DatabaseClock } from "./database-clock.ts";
import type { Lease } from "./lease.ts";

/** What it takes to store something under an epoch of ours. */
export type Epoch = {
  readonly fence: Fence;
  readonly lease: Lease;
  readonly time: DatabaseClock;
  readonly commits: Connection;
};

/** The shard is under another epoch: what memory says may be wrong (WR-6). */
export class FenceLost extends Error {
  override readonly name = "FenceLost";
}

/** Stores a commit, which renews the lease. Without one the lease alone is renewed. */
export async function storeUnderLease(epoch: Epoch, commit?: EncodedCommit): Promise<void> {
  const { commits, fence, lease, time } = epoch;
  const sentMs = lease.now();
  const sent = commit === undefined ? renewShard(commits, fence) : storeCommit(commits, commit);
  const nowUs = await sent;
  if (nowUs === undefined) throw new FenceLost(`epoch ${fence.epoch} is over`);
  time.set(nowUs);
  lease.renew(sentMs);
}
