import { TransferPostedSchema } from "#gen/mizan/billing/v1/events_pb.ts";
import type { Database } from "#mesh/database/connect.ts";
import type { Feed, FeedMessage } from "#mesh/events/feed.ts";
import { MAX_FEED_TRANSFERS, REPUBLISHED_MS } from "#mesh/limits.ts";
import type { Assets } from "../domain/asset.ts";
import type { StoredTransfer } from "../domain/transfer.ts";
import { encodeTransferPosted, type PostedAccount } from "../events.ts";
import {
  countCommits,
  findCommits,
  findCommittedSeq,
  findPostedAccounts,
  findSeqBefore,
  findTransfersBetween,
  type StoredCommit,
} from "../store/commits.ts";
import type { Tables } from "../store/tables.ts";
import type { Commits } from "./commits.ts";

type Options = {
  readonly shard: number;
  readonly db: Database<Tables>;
  readonly commits: Commits;
  readonly assets: Assets;
};

/**
 * The ledger as a source of events: its transfers are their own outbox, one message a commit. The
 * latest come from the writer's memory, older ones are made anew from the tables, the same to the
 * byte.
 */
export function ledgerFeed({ shard, db, commits, assets }: Options): Feed {
  const toMessage = ({ epoch, transfers, opened, accountOf }: Posted): FeedMessage => {
    const last = transfers.at(-1)!;
    return {
      id: ["ledger", shard, ...(epoch === undefined ? [] : [epoch]), last.seq].join("/"),
      firstSeq: transfers[0]!.seq,
      seq: last.seq,
      payload: encodeTransferPosted({ shard, transfers, opened, accountOf }, assets),
      atMs: Math.floor(last.atUs / 1000),
    };
  };
  return {
    event: TransferPostedSchema,
    key: String(shard),
    read: async (afterSeq, limit) => {
      const posted = commits.after(afterSeq, limit) ?? (await readStored(db, afterSeq, limit));
      return withinBounds(posted, ({ transfers }) => transfers.length).map(toMessage);
    },
    horizon: async () => findSeqBefore(db, (Date.now() - REPUBLISHED_MS) * 1000),
    last: async () => findCommittedSeq(db),
    since: async (atMs) => {
      const afterSeq = await findSeqBefore(db, atMs * 1000);
      return { afterSeq, count: await countCommits(db, afterSeq) };
    },
    onCommit: (listener) => commits.onCommit(listener),
  };
}

type Posted = {
  readonly epoch: number | undefined;
  readonly transfers: readonly StoredTransfer[];
  readonly opened: readonly PostedAccount[];
  readonly accountOf: (slot: number) => PostedAccount;
};

async function readStored(
  db: Database<Tables>,
  afterSeq: number,
  limit: number,
): Promise<Posted[]> {
  const stored = await findCommits(db, { afterSeq, limit });
  const commits = withinBounds(stored, ({ firstSeq, lastSeq }) => lastSeq - firstSeq + 1);
  const [first, last] = [commits[0], commits.at(-1)];
  if (first === undefined || last === undefined) return [];
  const transfers = await findTransfersBetween(db, first.afterUs, last.atUs);
  const toldSlots = commits.map(({ told }) => slotsOf(told));
  const usedSlots = transfers.flatMap(({ debitSlot, creditSlot }) => [debitSlot, creditSlot]);
  const slots = new Set([...usedSlots, ...toldSlots.flat()]);
  const accounts = await findPostedAccounts(db, [...slots]);
  const accountOf = (slot: number) => accounts.get(slot)!;
  return commits.map(({ epoch, firstSeq, lastSeq }, place) => {
    const from = firstSeq - first.firstSeq; // numbers have no gaps (TRF-6)
    const part = transfers.slice(from, from + lastSeq - firstSeq + 1);
    return { epoch, transfers: part, opened: toldSlots[place]!.map(accountOf), accountOf };
  });
}

function slotsOf(told: StoredCommit["told"]): number[] {
  if (told === undefined) return [];
  const { firstSlot, lastSlot } = told;
  return Array.from({ length: lastSlot - firstSlot + 1 }, (_, place) => firstSlot + place);
}

/** The first commits, so far that they have about so many transfers; at least one. */
function withinBounds<C>(commits: readonly C[], sizeOf: (commit: C) => number): readonly C[] {
  let size = 0;
  const end = commits.findIndex((commit, at) => {
    size += sizeOf(commit);
    return at > 0 && size > MAX_FEED_TRANSFERS;
  });
  return end < 0 ? commits : commits.slice(0, end);
}
