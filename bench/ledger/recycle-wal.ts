import { openConnection } from "#mesh/database/connection.ts";

/**
 * Brings a new server to where it is after some hours of work: it writes its log into files that
 * were used before. A new one has to be filled with zeros first, every 16 MB, and the commit under
 * way waits for that, for about 50 ms here.
 */
export async function recycleWal(url: string, keptGb = USUAL_GB): Promise<void> {
  await using connection = await openConnection({
    url,
    name: "bench",
    statementTimeoutMs: 300_000,
  });
  await connection.query(`alter system set min_wal_size = '${keptGb}GB'`);
  await connection.query(`alter system set max_wal_size = '${3 * keptGb}GB'`);
  await connection.query("select pg_reload_conf()");
  const message = "select pg_logical_emit_message(false, 'bench', repeat('x', 16 * 1024 * 1024))";
  for (let file = 0; file < (keptGb * 1024) / 16; file += 1) await connection.query(message);
  await connection.query("checkpoint");
}

/** More than a whole run of the ledger's bench writes. */
const USUAL_GB = 4;
