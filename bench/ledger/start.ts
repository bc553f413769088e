import { systemClock } from "#mesh/clock.ts";
import { openConnection } from "#mesh/database/connection.ts";
import { MAX_MIGRATION_MS } from "#mesh/limits.ts";
import type { Log } from "#mesh/log.ts";
import { startWriter } from "../../services/billing/writer/writer.ts";

/** How many accounts there are at a start, of half as many owners. */
const STARTED_ACCOUNTS = 1_000_000;

/** How many of their holds are open. */
const STARTED_HOLDS = 100_000;

type Options = {
  /** A database with the tables of billing and nothing else. */
  readonly url: string;
  readonly log: Log;
  readonly rounds: number;
};

/**
 * Fills books, and measures how long a writer takes from nothing until it decides, and how much
 * memory it holds by then; first without open holds, then with them.
 */
export async function measureStart({ url, log, rounds }: Options) {
  const found: Record<string, number[]> = {};
  for (const [name, statements] of [
    ["start", fillAccounts],
    ["start with holds", fillHolds],
  ] as const) {
    await fill(url, statements);
    for (let round = 0; round < rounds; round++) {
      for (const [what, value] of Object.entries(await open(url, log))) {
        (found[`${name}, ${what}`] ??= []).push(value);
      }
    }
  }
  return found;
}

async function open(url: string, log: Log) {
  globalThis.gc?.();
  const before = process.memoryUsage();
  const startMs = performance.now();
  const options = { url, shard: 0, owner: "bench", clock: systemClock, log };
  await using writer = await startWriter({ ...options, when: "now" });
  await writer.submit({ eventCount: 1, decide: () => {} });
  const seconds = (performance.now() - startMs) / 1000;
  globalThis.gc?.(); // without --expose-gc what is to be forgotten counts too
  const after = process.memoryUsage();
  const mbOf = (kind: "heapUsed" | "arrayBuffers") => (after[kind] - before[kind]) / 1e6;
  return { seconds, "heap MB": mbOf("heapUsed"), "buffers MB": mbOf("arrayBuffers") };
}

async function fill(url: string, statements: readonly string[]): Promise<void> {
  await using connection = await openConnection({
    url,
    name: "bench",
    statementTimeoutMs: MAX_MIGRATION_MS,
  });
  for (const statement of statements) await connection.query(statement);
}

/** Half of them have given what the others have; every fifth counts in 18 decimals. */
const fillAccounts = [
  `insert into account (slot, version, created_at_us, id, user_data, ledger, code, flags,
    debits_pending, debits_posted, credits_pending, credits_posted)
  select slot, 12, ledger_now_us(), md5('account/' || slot)::uuid,
    md5('owner/' || (slot + 1) / 2)::uuid, case when slot % 10 < 2 then 5 else 1 end, 100, 0,
    0, case slot % 2 when 0 then amount else 0 end, 0, case slot % 2 when 1 then amount else 0 end
  from (select slot, case when slot % 10 < 2 then 12345678901234567890 else 5000000000 end as amount
    from generate_series(1, ${STARTED_ACCOUNTS}) slot) wanted`,
  "vacuum analyze account",
];

/** A hold each of 5 from the first accounts to the ones after them, one microsecond after another. */
const fillHolds = [
  `with made as (
    insert into transfer (seq, at_us, debit_slot, credit_slot, debit_version, credit_version,
      timeout_seconds, ledger, code, flags, kind, id, user_data, amount,
      debit_pending_after, debit_posted_after, credit_pending_after, credit_posted_after)
    select n, start + n, 10 * n - 1, 10 * n - 2, 13, 13, 86400, 1, 2, 2, 2,
      md5('hold/' || n)::uuid, md5('order/' || n)::uuid, 5, 5, 0, 5, 0
    from generate_series(1, ${STARTED_HOLDS}) n, (select ledger_now_us() as start) now
    returning *
  ), named as (
    insert into transfer_id (id, at_us) select id, at_us from made
  ), opened as (
    insert into pending_open (at_us) select at_us from made
  ), debited as (
    update account set debits_pending = 5, version = 13 from made where slot = debit_slot
  ), credited as (
    update account set credits_pending = 5, version = 13 from made where slot = credit_slot
  )
  update ledger_shard set last_seq = ${STARTED_HOLDS}, last_at_us = (select max(at_us) from made)`,
  "vacuum analyze",
];
