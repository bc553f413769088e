import type { ChainHead } from "../domain/chain.ts";

/** What a verification of the chain found. */
export type Verdict = {
  /** The number of the last transfer that is as it was sealed. */
  readonly verifiedSeq: number;
  /** The number of the first one that is not; 0 when there is none. */
  readonly firstBrokenSeq: number;
  /** The hash of the chain after the last transfer that is as it was sealed, in hex. */
  readonly headHash: string;
  /** The newest signed head that was compared. */
  readonly signedHead?: ChainHead;
  /** How many signed heads there are whose keys aren't known, so that nothing proves them. */
  readonly unprovenHeads: number;
  /** What is wrong, in words; empty when all is well. */
  readonly problem: string;
};

/** The chain is broken: ends a verification at its first problem. */
export class Broken extends Error {
  override readonly name = "Broken";
  /** The number of the transfer that is broken; 0 when it is something else. */
  readonly seq: number;

  constructor(problem: string, seq = 0) {
    super(problem);
    this.seq = seq;
  }
}
