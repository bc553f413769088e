import type { Connection } from "#mesh/database/connection.ts";
import { HEAD_CHUNK_ROWS } from "#mesh/limits.ts";
import { isSigned } from "#mesh/signature.ts";
import type { TokenKey } from "#mesh/token-keys.ts";
import { type ChainHead, headText } from "../domain/chain.ts";
import { findNewestHead, readHeads } from "../store/seals.ts";
import { Broken } from "./broken.ts";

/** The signed heads, for one who goes along the chain. */
export type Heads = {
  /** The newest one that was compared. */
  readonly newest: () => ChainHead | undefined;
  readonly unproven: () => number;
  /** The number of the next one to compare. */
  readonly nextSeq: () => number;
  /** Compares it with the hash of the chain at its number. Throws Broken. */
  readonly compare: (hash: string) => Promise<void>;
  /** Throws Broken when there are heads that the chain does not come by to its end. */
  readonly end: (seq: number) => void;
};

/** Where the chain is, and the public keys that prove its heads, if there are any. */
export type Proven = {
  readonly connection: Connection;
  readonly shard: number;
  readonly keys: readonly TokenKey[] | undefined;
};

/** Opens the heads that are signed by now. */
export async function openHeads({ connection, shard, keys }: Proven): Promise<Heads> {
  const last = await findNewestHead(connection, shard);
  const read = async (afterSeq: number) =>
    readHeads(connection, shard, { afterSeq, limit: HEAD_CHUNK_ROWS });
  let [heads, at, unproven] = [await read(Number.MIN_SAFE_INTEGER), 0, 0];
  let compared: ChainHead | undefined;
  const prove = (head: ChainHead) => {
    const isProven = keys && isGenuine(head, keys);
    if (isProven === false) throw new Broken(`The head of ${head.seq} is not as it was signed.`);
    if (isProven === undefined) unproven += 1;
    if (keys !== undefined && isProven === undefined && head.seq === last?.seq) {
      throw new Broken(`The head of ${head.seq}, the newest, has an unknown key: ${head.keyId}.`);
    }
  };
  return {
    newest: () => compared,
    unproven: () => unproven,
    nextSeq: () => heads[at]?.seq ?? Infinity,
    compare: async (hash) => {
      const head = heads[at]!;
      prove(head);
      if (head.hash !== hash) throw new Broken(...rewritten(compared?.seq ?? 0, head.seq));
      compared = head;
      at += 1;
      if (at === heads.length) [heads, at] = [await read(head.seq), 0];
    },
    end: (seq) => {
      const left = heads[at];
      if (left === undefined || (last?.seq ?? 0) < left.seq) return;
      prove(left);
      throw new Broken(`A head of ${left.seq} was signed, and the chain ends at ${seq}.`);
    },
  };
}

/** Whether billing has signed the head; undefined when its key is not among the given ones. */
function isGenuine(head: ChainHead, keys: readonly TokenKey[]): boolean | undefined {
  const { keyId, signature } = head;
  const bytes = Buffer.from(headText(head));
  return isSigned(keys, { service: "billing", keyId, bytes, signature });
}

/** Rows and seals agree with each other, and not with what was signed. */
function rewritten(afterSeq: number, seq: number): [problem: string, seq: number] {
  const first = afterSeq + 1;
  const which = first === seq ? `Transfer ${seq}` : `Some of the transfers ${first} to ${seq}`;
  return [`${which} and the seals were made anew: the head of ${seq} has another hash.`, first];
}
