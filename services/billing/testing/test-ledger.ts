import { systemClock } from "#mesh/clock.ts";
import type { Database } from "#mesh/database/connect.ts";
import { type Connection, openConnection } from "#mesh/database/connection.ts";
import { asRole } from "#mesh/database/role.ts";
import { derivedId, newId, hexOf, ZERO_ID } from "#mesh/ids.ts";
import { testLog } from "#mesh/testing/log.ts";
import { testDatabase } from "#mesh/testing/postgres.ts";
import type { Id, NewAccount } from "../domain/account.ts";
import type { NewTransfer, TransferResult } from "../domain/transfer.ts";
import { databaseRole } from "../store/role.ts";
import type { Tables } from "../store/tables.ts";
import { startWriter, type Writer, type WriterOptions } from "../writer/writer.ts";

/** Makes a database with the books of one shard, empty. Its pool has the role of the service. */
export async function testBooks() {
  const migrations = [new URL("../store/migrations/", import.meta.url)];
  return testDatabase<Tables>({ migrations, role: databaseRole });
}

/** Starts a writer on a test's books at once, with the rights of the service. */
export async function testWriter(url: string, options: Partial<WriterOptions> = {}) {
  const log = testLog();
  const usual = {
    url: asRole(url, databaseRole),
    shard: 0,
    owner: "test",
    when: "now" as const,
    clock: systemClock,
    log,
  };
  const writer = await startWriter({ ...usual, ...options });
  return { ...writer, log };
}

/** An account of ledger 1 without limits, by name. */
export function accountNamed(name: string): NewAccount {
  const id = derivedId(`account/${name}`);
  return { id, ledger: 1, code: 100, flags: 0, userData: ZERO_ID };
}

/** A single transfer of ledger 1 between accounts by name. */
export function transferOf(from: string, to: string, rest: Partial<NewTransfer> = {}): NewTransfer {
  return {
    id: hexOf(newId()),
    debitAccountId: accountNamed(from).id,
    creditAccountId: accountNamed(to).id,
    amount: 1n,
    pendingId: ZERO_ID,
    timeoutSeconds: 0,
    ledger: 1,
    code: 100,
    flags: 0,
    userData: ZERO_ID,
    ...rest,
  };
}

/** Opens accounts by name. */
export async function open(writer: Writer, ...names: string[]): Promise<void> {
  const events = names.map(accountNamed);
  await writer.submit({
    eventCount: events.length,
    decide: ({ ledger, atUs }) => ledger.createAccounts(events, atUs),
  });
}

/** Makes transfers in one request. */
export async function make(
  writer: Writer,
  ...events: readonly NewTransfer[]
): Promise<TransferResult[]> {
  return writer.submit({
    eventCount: events.length,
    ids: events,
    decide: ({ ledger, atUs }) => ledger.createTransfers(events, atUs),
  });
}

/** The counters of an account as the writer has them. */
export async function countersOf(writer: Writer, name: string) {
  const { id } = accountNamed(name);
  return writer.submit({ eventCount: 1, decide: ({ ledger }) => ({ ...ledger.account(id)! }) });
}

/** How many of some transfers are stored. */
export async function countStored(reader: Connection, ids: readonly Id[]): Promise<number> {
  const [row] = await reader.query<{ count: number }>(
    "select count(*) as count from transfer join transfer_id using (id) where id = any ($1::uuid[])",
    [ids],
  );
  return row!.count;
}

/**
 * What is wrong with the stored books: accounts that are not the fold of their transfers (A4), rows
 * out of order, sums that differ (A2). Nothing, when all is well.
 */
export async function findFaults({ url }: Database<Tables>): Promise<object[]> {
  await using connection = await openConnection({ url, name: "test" });
  return await connection.query(faults);
}

const faults = `
  with moved as (
    select at_us, debit_slot as slot, 1 as side, kind, amount, pending_at_us from transfer
    union all
    select at_us, credit_slot, -1, kind, amount, pending_at_us from transfer
  ), folded as (
    select slot, count(*) as version,
      coalesce(sum(amount) filter (where side = 1 and moved.kind in (1, 3)), 0) as d,
      coalesce(sum(amount) filter (where side = -1 and moved.kind in (1, 3)), 0) as c,
      coalesce(sum(case kind when 2 then amount else -held end)
        filter (where side = 1 and kind <> 1), 0) as dp,
      coalesce(sum(case kind when 2 then amount else -held end)
        filter (where side = -1 and kind <> 1), 0) as cp
    from moved left join lateral (
      select p.amount as held from transfer p where p.at_us = moved.pending_at_us
    ) pending on true
    group by slot
  )
  select 'account' as fault, slot from account left join folded using (slot)
    where (debits_pending, debits_posted, credits_pending, credits_posted, account.version)
      <> (coalesce(dp, 0), coalesce(d, 0), coalesce(cp, 0), coalesce(c, 0), coalesce(folded.version, 0))
  union all
  select 'gap', seq from (select seq, row_number() over (order by at_us) as place from transfer) t
    where seq <> place
  union all
  select 'shard', last_seq from ledger_shard
    where last_seq <> (select coalesce(max(seq), 0) from transfer)
  union all
  select 'commit', first_seq from ledger_commit c
    where first_seq <> 1 and not exists (select from ledger_commit p where p.last_seq = c.first_seq - 1)
  union all
  select 'id', seq from transfer t full join transfer_id i on (i.id, i.at_us) = (t.id, t.at_us)
    where t.seq is null or i.id is null
  union all
  select 'revert', seq from transfer t where reverts_at_us is not null and not exists (
    select from transfer_revert r where r.original_at_us = t.reverts_at_us and r.at_us = t.at_us)
  union all
  select 'open', t.seq from transfer t left join transfer r on r.pending_at_us = t.at_us
    where t.kind = 2
      and (r.seq is null) <> exists (select from pending_open o where o.at_us = t.at_us)
`;
