import { MAX_COMMIT_EVENTS, MAX_TIMER_MS } from "#mesh/limits.ts";
import { findDecided } from "../store/find-decided.ts";
import { findReplies } from "../store/replies.ts";
import { type Batch, decide } from "./batch.ts";
import type { Books } from "./books.ts";
import type { Desk } from "./serve.ts";
import type { UsedIds } from "./used-ids.ts";
import type { Job } from "./work.ts";

/** Adds to a batch what is due and what is queued, as far as there is room; whether it did. */
export async function fill(
  batch: Batch,
  books: Books,
  { queue, usedIds }: Pick<Desk, "queue" | "usedIds">,
): Promise<boolean> {
  const room = MAX_COMMIT_EVENTS - batch.eventCount;
  if (batch.sealed !== undefined || room <= 0) return false;
  const { ledger, replies, register, monitors, time } = books;
  const expired = ledger.expireDue(time.nowUs(), room);
  batch.eventCount += expired;
  if (expired === room) return true; // what is due comes before what is queued (CHAIN-7)
  const left = room - expired;
  const jobs = queue.take(left);
  if (jobs.length === 0) return expired > 0;
  batch.jobs.push(...jobs);
  await learn(books, jobs, usedIds);
  const atUs = time.nowUs();
  const late = ledger.expireDue(atUs, left); // reads never see as held what is due by now (EXT-4)
  batch.eventCount += late;
  if (late === left) {
    queue.putBack(batch.jobs.splice(-jobs.length)); // more may be due, and comes before them
    return true;
  }
  for (const job of jobs) decide(batch, job, { ledger, replies, register, monitors, atUs });
  for (const { work, refusals } of jobs) {
    batch.eventCount += refusals > 0 ? MAX_COMMIT_EVENTS : work.eventCount; // refused: alone
  }
  return true;
}

/** How long until something is due, in milliseconds; undefined when nothing will be. */
export function msToExpiry({ ledger, time }: Books): number | undefined {
  const atUs = ledger.nextExpiryUs();
  if (atUs === undefined) return undefined;
  return Math.min(MAX_TIMER_MS, Math.max(0, Math.ceil((atUs - time.nowUs()) / 1000)));
}

/** Reads what memory does not know and the store may have, in one round trip (WR-3). */
async function learn(
  { ledger, replies, reads, time }: Books,
  jobs: readonly Job[],
  usedIds: UsedIds,
): Promise<void> {
  const ids = jobs.flatMap(({ work }) => work.ids ?? []);
  const unknown = ledger.unknownIds(ids).filter((id) => usedIds.mayBeUsed(id));
  const keys = jobs.flatMap(({ work }) => work.keys ?? []);
  const unknownKeys = keys.filter((key) => replies.find(key) === undefined);
  const [decided, kept] = await Promise.all([
    unknown.length === 0 ? undefined : findDecided(reads, unknown),
    unknownKeys.length === 0 ? undefined : findReplies(reads, unknownKeys),
  ]);
  if (decided !== undefined) {
    time.set(decided.nowUs);
    ledger.learn(decided.transfers, decided.failed);
  }
  if (kept !== undefined) replies.learn(kept);
}
