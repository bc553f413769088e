import { type Chain, emptyChain, type Verdict } from "../domain/chain.ts";
import { findLastSeal } from "../store/seals.ts";
import { Broken } from "./broken.ts";
import { type Heads, openHeads, type Proven } from "./check-heads.ts";
import { openSeals, type Seals } from "./check-seals.ts";
import { link } from "./link.ts";
import { cellOf, Cells, isAccount, readChain } from "./read-chain.ts";

/**
 * Makes the chain of a shard anew from what is stored, as far as it is sealed, and compares it with
 * its seals and its signed heads, up to the first problem (WR-9). It reads some thousand rows at a
 * time, and tells after each how far it is.
 */
export async function verifyChain(
  proven: Proven,
  progress: (seq: number) => void = () => {},
): Promise<Verdict> {
  const heads = await openHeads(proven); // first: the chain never ends before what is signed
  const end = (await findLastSeal(proven.connection, proven.shard)) ?? emptyChain;
  const verified = { chain: emptyChain };
  const found = { heads, seals: openSeals(proven.connection, proven.shard), end, verified };
  try {
    await walk(proven, found, progress);
    heads.end(end.seq);
    return verdict(heads, verified.chain);
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
    // What comes after a head that agrees is no better than the head that does not.
    const isRewritten = error.seq > 0 && error.seq <= verified.chain.seq;
    return verdict(heads, isRewritten ? heads.newest() : verified.chain, error);
  }
}

type Found = {
  readonly heads: Heads;
  readonly seals: Seals;
  readonly end: Chain;
  /** Where the last seal ends that agrees. */
  readonly verified: { chain: Chain };
};

async function walk({ connection }: Proven, found: Found, progress: (seq: number) => void) {
  const { heads, seals, end, verified } = found;
  let [seq, slot, hash] = [0, 0, emptyChain.hash];
  if (end.seq === 0) return;
  for await (const { lines } of readChain(connection, emptyChain)) {
    for (const line of lines) {
      hash = link(hash, line);
      if (isAccount(line)) {
        slot = Number(cellOf(line, Cells.SLOT));
        continue;
      }
      seq += 1;
      if (seq > seals.endSeq()) await seals.next(seq);
      seals.check(seq, hash, line);
      if (seq < seals.endSeq()) continue;
      const chain = { seq, atUs: Number(cellOf(line, Cells.AT_US)), slot, hash };
      seals.end(chain);
      while (heads.nextSeq() <= seq) await heads.compare(hash);
      verified.chain = chain;
      if (seq >= end.seq) return;
    }
    progress(seq);
  }
  throw seals.missing(seq);
}

function verdict(
  heads: Heads,
  { seq, hash }: Pick<Chain, "seq" | "hash"> = emptyChain,
  broken?: Broken,
): Verdict {
  const signedHead = heads.newest();
  return {
    verifiedSeq: seq,
    firstBrokenSeq: broken?.seq ?? 0,
    headHash: hash,
    ...(signedHead && { signedHead }),
    unprovenHeads: heads.unproven(),
    problem: broken?.message ?? "",
  };
}
