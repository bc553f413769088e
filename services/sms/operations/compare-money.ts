import type { Client } from "@connectrpc/connect";
import type { LedgerService } from "#gen/mizan/billing/v1/ledger_service_pb.ts";
import { bytesOf, hexFromBytes } from "#mesh/ids.ts";
import { COMPARED_CHUNKS, COMPARED_MS, MAX_TASK_DELAY_MS, MAX_TOLD_STEPS } from "#mesh/limits.ts";
import { toMinor } from "#mesh/money.ts";
import type { Sms } from "../context.ts";
import {
  type ChunkSums,
  expectedTransfers,
  ownDifferences,
  type Rule,
} from "../domain/chunk-differences.ts";
import { firstIdAt } from "../domain/message-id.ts";
import * as store from "../store/chunk-sums.ts";

/** Where the ledger's transfers are read. */
export type LedgerReader = Pick<Client<typeof LedgerService>, "lookupTransfers">;

/** A chunk whose money does not add up, and why. */
type Difference = {
  readonly chunkId: string;
  readonly accountId: string;
  readonly rule: Rule;
};

/** Compares for a while; where it stopped it goes on the next time. */
export type CompareMoney = (signal: AbortSignal) => Promise<Difference[]>;

/**
 * Compares messages, chunks and the ledger, the newest first, over the last hour (MON-9): a unit
 * too much or too little is reported with its account. What differs is looked at twice, since money
 * moves meanwhile. Reports tasks that are late, too (ST-3).
 */
export function moneyComparison(sms: Sms, ledger: LedgerReader): CompareMoney {
  let beforeId: string | undefined;
  return async (signal) => {
    const nowMs = await store.databaseNowMs(sms.db);
    const fromId = firstIdAt(nowMs - COMPARED_MS.from);
    const endMs = performance.now() + COMPARED_CHUNKS.perRunMs;
    const differences: Difference[] = [];
    let next: string | undefined = beforeId ?? firstIdAt(nowMs - COMPARED_MS.to);
    while (next !== undefined && next > fromId && performance.now() < endMs && !signal.aborted) {
      const range = { fromId, beforeId: next };
      const sums = await store.sumNewestChunks(sms.db, range, COMPARED_CHUNKS.perStatement);
      differences.push(...(await confirmed(sms, ledger, sums)));
      next = sums.length < COMPARED_CHUNKS.perStatement ? undefined : sums.at(-1)!.chunkId;
    }
    beforeId = next;
    report(sms, differences);
    reportDelay(sms, await store.longestDelayMs(sms.db));
    return differences;
  };
}

/** What differs now, and still does when it is looked at again. */
async function confirmed(
  sms: Sms,
  ledger: LedgerReader,
  sums: readonly ChunkSums[],
): Promise<Difference[]> {
  const suspects = new Set((await differencesOf(sms, ledger, sums)).map(({ chunkId }) => chunkId));
  if (suspects.size === 0) return [];
  return differencesOf(sms, ledger, await store.sumChunks(sms.db, [...suspects]));
}

async function differencesOf(
  sms: Sms,
  ledger: LedgerReader,
  sums: readonly ChunkSums[],
): Promise<Difference[]> {
  const wanted = sums.flatMap((of) => expectedTransfers(of).map((expected) => ({ of, expected })));
  const ids = wanted.map(({ expected }) => expected.transferId);
  const amounts = await readAmounts(sms, ledger, ids);
  const own = sums.flatMap((one) => {
    const { chunkId, accountId } = one;
    return ownDifferences(one).map((rule) => ({ chunkId, accountId, rule }));
  });
  const others = wanted
    .filter(({ expected: { transferId, amount } }) => amounts.get(transferId) !== amount)
    .map(({ of: { chunkId, accountId }, expected: { rule } }) => ({ chunkId, accountId, rule }));
  return [...own, ...others];
}

/** The amounts of transfers that the ledger has, by their ids. */
async function readAmounts(
  { currency: { scale } }: Sms,
  ledger: LedgerReader,
  ids: readonly string[],
): Promise<ReadonlyMap<string, bigint>> {
  const amounts = new Map<string, bigint>();
  for (let at = 0; at < ids.length; at += MAX_TOLD_STEPS) {
    const transferIds = ids.slice(at, at + MAX_TOLD_STEPS).map(bytesOf);
    const { transfers } = await ledger.lookupTransfers({ transferIds });
    for (const { id, amount } of transfers) amounts.set(hexFromBytes(id), toMinor(amount, scale));
  }
  return amounts;
}

function report({ log, metrics }: Sms, differences: readonly Difference[]): void {
  const count = metrics.counter("mizan_sms_money_differences_total", "Chunks that don't add up.");
  for (const { chunkId, accountId, rule } of differences) {
    count.add({ rule });
    log.error({ chunk_id: chunkId, owner: accountId, kind: rule }, "money does not add up");
  }
}

function reportDelay({ log, metrics }: Sms, delayMs: number): void {
  metrics.gauge("mizan_sms_task_delay_seconds", "How late a task is.").set(delayMs / 1000);
  if (delayMs > MAX_TASK_DELAY_MS) log.error({ delay_ms: delayMs }, "tasks are late");
}
