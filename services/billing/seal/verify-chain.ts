import type { Connection } from "#mesh/database/connection.ts";
import type { TokenKey } from "#mesh/token-keys.ts";
import { type Chain, emptyChain, type Verdict } from "../domain/chain.ts";
import { findCommittedSeq, findLastSeal } from "../store/seals.ts";
import { Broken } from "./broken.ts";
import { type Heads, openHeads } from "./check-heads.ts";
import { openSeals, type Seals } from "./check-seals.ts";
import { link } from "./link.ts";
import { cellOf, Cells, isAccount, readChain } from "./read-chain.ts";

/** What is verified, and by what. */
export type ToVerify = {
  readonly connection: Connection;
  readonly shard: number;
  /** The public keys that prove the heads; without them no signature is looked at. */
  readonly keys: readonly TokenKey[] | undefined;
  /** The database of core, which has kept the heads. */
  readonly witness?: Connection;
};

/**
 * Makes the chain of a shard anew from what is stored, as far as it is sealed, and compares it with
 * its seals and its signed heads, up to the first problem (WR-9). It reads some thousand rows at a
 * time, and tells after each how far it is.
 */
export async function verifyChain(
  toVerify: ToVerify,
  progress: (seq: number) => void = () => {},
): Promise<Verdict> {
  const { connection, shard } = toVerify;
  const heads = await openAllHeads(toVerify); // first: the chain never ends before what is signed
  const committedSeq = await findCommittedSeq(connection, shard);
  const end = (await findLastSeal(connection, shard)) ?? emptyChain;
  const unsealed = Math.max(0, committedSeq - end.seq);
  const found = {
    heads,
    seals: openSeals(connection, shard),
    end,
    verified: { chain: emptyChain },
  };
  try {
    await walk(connection, found, progress);
    for (const { end: isEnd } of heads) isEnd(end.seq);
    return { ...verdict(heads, found.verified.chain), unsealed };
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
    // What comes after a head that agrees is no better than the head that does not.
    const isRewritten = error.seq > 0 && error.seq <= found.verified.chain.seq;
    const verified = isRewritten ? newestOf(heads) : found.verified.chain;
    return { ...verdict(heads, verified, error), unsealed };
  }
}

async function openAllHeads({ connection, shard, keys, witness }: ToVerify): Promise<Heads[]> {
  const own = await openHeads({ connection, table: "chain_head", shard, keys });
  if (witness === undefined) return [own];
  return [own, await openHeads({ connection: witness, table: "ledger_head", shard, keys })];
}

/** The newest head that was compared. */
function newestOf(heads: readonly Heads[]) {
  return heads
    .map(({ newest }) => newest())
    .filter((head) => head !== undefined)
    .toSorted((one, other) => one.seq - other.seq)
    .at(-1);
}

type Found = {
  readonly heads: readonly Heads[];
  readonly seals: Seals;
  readonly end: Chain;
  /** Where the last seal ends that agrees. */
  readonly verified: { chain: Chain };
};

async function walk(connection: Connection, found: Found, progress: (seq: number) => void) {
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
      for (const { pass } of heads) await pass(seq, hash);
      verified.chain = chain;
      if (seq >= end.seq) return;
    }
    progress(seq);
  }
  throw seals.missing(seq);
}

function verdict(
  heads: readonly Heads[],
  { seq, hash }: Pick<Chain, "seq" | "hash"> = emptyChain,
  broken?: Broken,
) {
  const signedHead = newestOf(heads);
  return {
    verifiedSeq: seq,
    firstBrokenSeq: broken?.seq ?? 0,
    headHash: hash,
    ...(signedHead && { signedHead }),
    unprovenHeads: heads.reduce((sum, { unproven }) => sum + unproven(), 0),
    problem: broken?.message ?? "",
  };
}
