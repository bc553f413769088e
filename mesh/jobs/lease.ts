import { hostname } from "node:os";
import { sql, type Transaction } from "kysely";
import type { Database } from "../database/connect.ts";
import { LEASE_MS } from "../limits.ts";

/** The right to do what only one may do at a time. A later lease of the name has a higher token. */
export type Lease = { readonly name: string; readonly token: number };

/** Takes a lease for a while of the database's time (L16); undefined while another has it. */
export async function takeLease<T>(db: Database<T>, name: string): Promise<Lease | undefined> {
  const owner = `${hostname()}/${process.pid}`;
  const { rows } = await sql<{ token: number }>`
    insert into lease (name, owner, token, expires_at)
    values (${name}, ${owner}, 1, ${soon})
    on conflict (name) do update
    set owner = excluded.owner, token = lease.token + 1, expires_at = ${soon}
    where lease.expires_at <= clock_timestamp()
    returning token`.execute(db.sql);
  return rows[0] && { name, token: rows[0].token };
}

/** Keeps a lease for a while longer; false when another has it. */
export async function renewLease<T>(db: Database<T>, { name, token }: Lease): Promise<boolean> {
  const { numAffectedRows } = await sql`
    update lease set expires_at = ${soon}
    where name = ${name} and token = ${token}`.execute(db.sql);
  return numAffectedRows === 1n;
}

/** Gives a lease back before its time. */
export async function endLease<T>(db: Database<T>, { name, token }: Lease): Promise<void> {
  await sql`
    update lease set expires_at = clock_timestamp()
    where name = ${name} and token = ${token}`.execute(db.sql);
}

/**
 * Fences a transaction: nobody takes the lease over before it ends. Throws when somebody already
 * has, so that a process that was asleep for too long writes nothing (X3).
 */
export async function fence<T>(tx: Transaction<T>, { name, token }: Lease): Promise<void> {
  const { rows } = await sql`
    select 1 from lease where name = ${name} and token = ${token} for share`.execute(tx);
  if (rows.length === 0) throw new Error(`the lease ${name} was taken over`);
}

const soon = sql`clock_timestamp() + ${LEASE_MS} * interval '1 millisecond'`;
