import type { Connection } from "#mesh/database/connection.ts";
import { type Chain, CHECK_DIGITS } from "../domain/chain.ts";
import { insertSeal } from "../store/seals.ts";
import { link } from "./link.ts";
import { cellOf, Cells, isAccount, readChain } from "./read-chain.ts";

/** What is stored can't be sealed: a number is missing, or is there twice. */
export class SealError extends Error {
  override readonly name = "SealError";
}

/** Somebody else seals the same shard. */
export class SealedElsewhere extends Error {
  override readonly name = "SealedElsewhere";
}

/** What is sealed, and where it ends. */
export type Sealing = {
  readonly connection: Connection;
  readonly shard: number;
  readonly chain: Chain;
};

/**
 * Seals all transfers that are committed, block by block, and says after each where the chain ends.
 * Throws a SealError for a gap, and SealedElsewhere when the chain has gone on without us.
 */
export async function sealPass(
  { connection, shard, chain }: Sealing,
  sealed: (chain: Chain) => void,
): Promise<Chain> {
  let [before, seq, slot, hash, checks] = [chain, chain.seq, chain.slot, chain.hash, ""];
  for await (const { lines, endUs } of readChain(connection, chain)) {
    for (const line of lines) {
      hash = link(hash, line);
      if (isAccount(line)) {
        slot = Number(cellOf(line, Cells.SLOT));
      } else {
        seq += 1;
        checks += hash.slice(0, CHECK_DIGITS);
      }
    }
    if (endUs === undefined) continue;
    const found = Number(cellOf(lines.at(-1)!, Cells.SEQ));
    if (found !== seq) throw new SealError(`transfer ${found} stands in the place of ${seq}`);
    const now = { seq, atUs: endUs, slot, hash };
    const isNext = await insertSeal(connection, shard, before, { ...now, checks });
    if (!isNext) throw new SealedElsewhere(`shard ${shard} was sealed by somebody else`);
    [before, checks] = [now, ""];
    sealed(now);
  }
  return before;
}
