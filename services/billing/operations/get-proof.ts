import type { Billing } from "../context.ts";
import type { Proof } from "../domain/proof.ts";
import { fail } from "../errors.ts";
import { findProof } from "../store/proof.ts";

/** Sums up all accounts of an asset, as committed at one moment. Throws UNKNOWN_ASSET. */
export async function getProof({ db, assets, chain }: Billing, code: string): Promise<Proof> {
  const asset = assets.byCode(code);
  if (asset === undefined) throw fail("UNKNOWN_ASSET", { asset: code });
  return findProof(db.sql, chain.shard, asset.ledger);
}
