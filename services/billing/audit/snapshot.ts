import type { Connection } from "#mesh/database/connection.ts";

/** Reads all at one moment. Keep it short: while it lasts no row of before is cleaned up. */
export async function atOneMoment<R>(connection: Connection, read: () => Promise<R>): Promise<R> {
  await connection.query("begin isolation level repeatable read read only");
  try {
    return await read();
  } finally {
    await connection.query("rollback"); // there is nothing to commit
  }
}
