import { transaction } from "#mesh/database/transaction.ts";
import { committed } from "#mesh/events/outbox.ts";
import type { Billing } from "../context.ts";
import { type ChainHead, headText } from "../domain/chain.ts";
import { chainHeadSigned } from "../events.ts";
import { findUnsigned, insertHead } from "../store/chain-heads.ts";
import type { Tx } from "../store/tables.ts";

/**
 * Signs the end of the hash chain, unless that is done, and tells the others, who keep it (WR-9).
 * Returns the head, if there was one to sign. The fence says that we still may.
 */
export async function signChainHead(
  { db, chain: { shard, sign } }: Pick<Billing, "db" | "chain">,
  fence: (tx: Tx) => Promise<void> = async () => {},
): Promise<ChainHead | undefined> {
  const signed = await transaction(db, async (tx) => {
    await fence(tx);
    const end = await findUnsigned(tx, shard);
    if (end === undefined) return undefined;
    const toSign = { shard, seq: end.seq, hash: end.hash, signedAtUs: end.nowUs };
    const head = { ...toSign, ...sign(Buffer.from(headText(toSign))) };
    if (!(await insertHead(tx, head))) return undefined;
    await chainHeadSigned(tx, head);
    return head;
  });
  if (signed !== undefined) committed();
  return signed;
}
