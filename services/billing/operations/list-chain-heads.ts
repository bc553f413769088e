import type { Billing } from "../context.ts";
import type { ChainHead } from "../domain/chain.ts";
import { listHeads } from "../store/chain-heads.ts";
import { type Page, type PageRequest, readPage } from "./read-page.ts";

/** Lists the signed heads of the hash chain, newest first. */
export async function listChainHeads(
  { db, chain: { shard } }: Billing,
  page: PageRequest,
): Promise<Page<ChainHead>> {
  const list = {
    list: `chain-heads/${shard}`,
    atUsOf: ({ signedAtUs }: ChainHead) => signedAtUs,
  };
  return readPage(page, list, async (stretch) => listHeads(db.sql, shard, stretch));
}
