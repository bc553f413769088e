import { type Connection, openConnection } from "#mesh/database/connection.ts";
import { MAX_MIGRATION_MS } from "#mesh/limits.ts";
import type { TransferRequest } from "../../services/billing/operations/create-transfers.ts";
import { randomId } from "./chart.ts";
import { pairs, transfers } from "./mixes.ts";
import type { BenchLedger } from "./open-ledger.ts";

/** How much there is of the transfers of a ledger, by what stores it. */
export type Storage = {
  readonly transfers: number;
  /** Bytes a transfer, with all indexes. */
  readonly bytes: number;
  readonly bytesByTable: Readonly<Record<string, number>>;
};

/**
 * Makes so many transfers, about, for a measurement of what they take on disk. Half of them are
 * singles, a quarter each are holds and captures; each single and each hold has a user_data
 * of its own, as what is derived from an order or a message has. The figure does not depend on how
 * fast the machine is.
 */
export async function fillStorage(
  { create }: Pick<BenchLedger, "create">,
  count: number,
): Promise<void> {
  for (let made = 0; made < count;) {
    const counts = await Promise.all(Array.from({ length: 4 }, async () => makeBatches(create)));
    made += counts.reduce((sum, size) => sum + size, 0);
  }
}

/** Measures what all of the ledger takes on disk, its seals among it. */
export async function readStorage(url: string): Promise<Storage> {
  const options = { url, name: "bench", statementTimeoutMs: MAX_MIGRATION_MS };
  await using connection = await openConnection(options);
  await connection.query("vacuum analyze"); // as the server does by itself, sooner or later
  return await measure(connection);
}

async function makeBatches(create: BenchLedger["create"]): Promise<number> {
  const { holds, posts } = pairs(1000);
  const singles = await create(transfers("uniform", 2000).map(withUserData));
  return singles + (await create(holds.map(withUserData))) + (await create(posts));
}

function withUserData(transfer: TransferRequest): TransferRequest {
  return Object.assign(transfer, { userData: randomId() });
}

async function measure(connection: Connection): Promise<Storage> {
  const [ledger] = await connection.query<{ count: number }>(
    "select count(*) as count from transfer",
  );
  const { count } = ledger!;
  const tables = await connection.query<{ name: string; bytes: number }>(
    `select relname as name, pg_total_relation_size(oid)::bigint as bytes from pg_class
      where relkind = 'r' and (
        relname in ('transfer_id', 'transfer_reference', 'transfer_revert', 'transfer_failed',
          'pending_open', 'ledger_commit', 'seal')
        or oid in (select inhrelid from pg_inherits where inhparent = 'transfer'::regclass)
      ) order by bytes desc`,
  );
  const sum = tables.reduce((bytes, table) => bytes + table.bytes, 0);
  const shares = tables.map(({ name, bytes }) => [name, bytes / count] as const);
  return { transfers: count, bytes: sum / count, bytesByTable: Object.fromEntries(shares) };
}
