/** A signed head of the ledger's hash chain. */
export type LedgerHead = {
  readonly shard: number;
  /** The number of the last transfer that it covers. */
  readonly seq: number;
  /** SHA-256, in hex. */
  readonly hash: string;
  readonly keyId: string;
  /** Ed25519, of signedText. */
  readonly signature: Uint8Array;
  /** Microseconds since 1970. */
  readonly signedAtUs: number;
};

/** What billing has signed of a head. */
export function signedText({ shard, seq, hash, signedAtUs }: LedgerHead): string {
  return `mizan chain head\n${shard}\n${seq}\n${hash}\n${signedAtUs}`;
}
