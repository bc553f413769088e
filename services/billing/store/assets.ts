import type { Connection } from "#mesh/database/connection.ts";

/** Something that the ledger counts. */
export type Asset = { readonly ledger: number; readonly code: string; readonly scale: number };

/** The numbers of the ledgers that there are. */
export async function loadLedgers(connection: Connection): Promise<ReadonlySet<number>> {
  const rows = await connection.query<{ ledger: number }>("select ledger from asset");
  return new Set(rows.map(({ ledger }) => ledger));
}
