/** A place in the hash chain over the transfers of a shard (WR-9). */
export type Chain = {
  /** The number of the last transfer that it has, 0 when it has none. */
  readonly seq: number;
  /** The time of that transfer, in microseconds since 1970. */
  readonly atUs: number;
  /** The last account that it has, 0 when it has none. */
  readonly slot: number;
  /** SHA-256, in hex. */
  readonly hash: string;
};

/** A stretch of the chain that is sealed; its place is that of its end. */
export type Seal = Chain & {
  readonly firstSeq: number;
  /** The first 16 hex digits of the hash of each of its transfers. */
  readonly checks: string;
};

/** A hash of the chain that was signed. */
export type ChainHead = {
  readonly shard: number;
  readonly seq: number;
  /** SHA-256, in hex. */
  readonly hash: string;
  /** The key, as jwks.json names it. */
  readonly keyId: string;
  /** Ed25519, of headText. */
  readonly signature: Uint8Array;
  /** Microseconds since 1970. */
  readonly signedAtUs: number;
};

/** What a verification of the chain found. */
export type Verdict = {
  /** The number of the last transfer that is as it was sealed. */
  readonly verifiedSeq: number;
  /** The number of the first one that is not; 0 when there is none. */
  readonly firstBrokenSeq: number;
  /** The hash of the chain after the last transfer that is as it was sealed, in hex. */
  readonly headHash: string;
  /** How many transfers are committed that nothing has sealed yet. */
  readonly unsealed: number;
  /** The newest signed head that was compared. */
  readonly signedHead?: ChainHead;
  /** How many signed heads there are whose keys aren't known, so that nothing proves them. */
  readonly unprovenHeads: number;
  /** What is wrong, in words; empty when all is well. */
  readonly problem: string;
};

/** The chain before the first transfer. */
export const emptyChain: Chain = { seq: 0, atUs: 0, slot: 0, hash: "0".repeat(64) };

/** How many hex digits a check has. */
export const CHECK_DIGITS = 16;

/** What is signed of a head. */
export function headText(head: Omit<ChainHead, "keyId" | "signature">): string {
  const { shard, seq, hash, signedAtUs } = head;
  return `mizan chain head\n${shard}\n${seq}\n${hash}\n${signedAtUs}`;
}
