import { ConnectError } from "@connectrpc/connect";
import type { OutboxRow } from "#mesh/events/outbox.ts";
import type { Account } from "../domain/account.ts";
import type { Asset } from "../domain/asset.ts";
import { signMonitorOf } from "../domain/sign-monitor.ts";
import type { StoredTransfer } from "../domain/transfer.ts";
import { eventsOf } from "../events.ts";
import { type EncodedCommit, encodeCommit } from "../store/store-commit.ts";
import type { Books } from "./books.ts";
import type { UsedIds } from "./used-ids.ts";
import type { Job, Turn } from "./work.ts";

/** What one commit will make known: jobs, and the answers that wait for it. */
export type Batch = {
  /** All jobs that were taken for it; those that are not decided yet have no answer. */
  readonly jobs: Job[];
  readonly answers: (() => void)[];
  /** How many events it has, expiries among them. */
  eventCount: number;
  /** What is to be stored, once nothing more is added. */
  sealed?: Sealed;
};

/** A batch to which nothing more is added. */
export type Sealed = {
  /** Absent when nothing has changed: then there is nothing to store. */
  readonly commit?: EncodedCommit;
  readonly transfers: readonly StoredTransfer[];
  /** The accounts that the event of the transfers tells of. */
  readonly told: readonly Readonly<Account>[];
  /** What is counted from now on. */
  readonly assets: readonly Asset[];
  /** What leaves by the outbox. */
  readonly events: readonly OutboxRow[];
};

/** Begins a batch. */
export function newBatch(): Batch {
  return { jobs: [], answers: [], eventCount: 0 };
}

/**
 * Decides a job in memory; its answer, or its refusal, waits for the commit (WR-5). Throws what no
 * decision is: that is a bug, which may have left memory half changed (L21).
 */
export function decide(batch: Batch, job: Job, turn: Turn): void {
  try {
    const result = job.work.decide(turn);
    batch.answers.push(() => job.resolve(result));
  } catch (error) {
    if (!(error instanceof ConnectError)) throw error;
    batch.answers.push(() => job.reject(error)); // one bad job does not fail the others (L3)
  }
}

/**
 * Takes what the batch has changed out of memory, in the form in which it is stored. Its ids count
 * as used from now on, since the outcome of the commit may stay unknown.
 */
export function seal(batch: Batch, books: Books, usedIds: UsedIds): Sealed {
  const { ledger, replies, register, monitors, fence } = books;
  const changes = ledger.takeChanges();
  const { accounts, transfers, touched, failed } = changes;
  for (const { id } of transfers) usedIds.add(id);
  for (const { id } of failed) usedIds.add(id);
  const hasEvent = transfers.length > 0;
  const told = hasEvent ? books.untold.take(accounts, ledger) : none;
  if (!hasEvent) books.untold.keep(accounts);
  for (const account of accounts) watchSign(account, books);
  const crossings = [accounts, touched].flatMap((some) => monitors.judge(some, changes.lastSeq));
  const registered = register.take();
  const crossed = eventsOf(registered.assets, crossings, register.assets);
  const events = [...crossed, ...registered.events];
  const others = { replies: replies.take(), ...registered, ...monitors.take(), events };
  const lists = [accounts, transfers, touched, failed, ...Object.values(others)];
  const isEmpty = lists.every(({ length }) => length === 0);
  const commit = isEmpty ? undefined : encodeCommit(fence, changes, { told, ...others });
  batch.sealed = { transfers, told, assets: registered.assets, events, ...(commit && { commit }) };
  return batch.sealed;
}

/** Accounts of the house are watched from their opening on (ACC-7). */
function watchSign(account: Account, { monitors, register }: Books): void {
  const monitor = signMonitorOf(account, register.assets.ofLedger(account.ledger));
  if (monitor !== undefined) monitors.watch(monitor);
}

const none: readonly Account[] = [];
