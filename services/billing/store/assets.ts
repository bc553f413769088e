import type { Connection } from "#mesh/database/connection.ts";
import type { Asset } from "../domain/asset.ts";

/** Reads all that the ledger counts. */
export async function loadAssets(connection: Connection): Promise<Asset[]> {
  return connection.query<Asset>("select ledger, code, scale from asset");
}
