import type { Connection } from "#mesh/database/connection.ts";
import { HEAD_CHUNK_ROWS } from "#mesh/limits.ts";
import { isSigned } from "#mesh/signature.ts";
import type { TokenKey } from "#mesh/token-keys.ts";
import { type ChainHead, headText } from "../domain/chain.ts";
import { findNewestHead, type HeadTable, readHeads } from "../store/seals.ts";
import { Broken } from "./broken.ts";

/** The signed heads, for one who goes along the chain. */
export type Heads = {
  /** The newest one that was compared. */
  readonly newest: () => ChainHead | undefined;
  readonly unproven: () => number;
  /** Compares those up to a transfer with the hash of the chain after it. Throws Broken. */
  readonly pass: (seq: number, hash: string) => Promise<void>;
  /** Throws Broken when there are heads that the chain does not come by to its end. */
  readonly end: (seq: number) => void;
};

/** Where the heads are, and the public keys that prove them, if there are any. */
export type HeadSource = {
  readonly connection: Connection;
  readonly table: HeadTable;
  readonly shard: number;
  readonly keys: readonly TokenKey[] | undefined;
};

/** Opens the heads that are signed by now. */
export async function openHeads({ connection, table, shard, keys }: HeadSource): Promise<Heads> {
  const last = await findNewestHead(connection, table, shard);
  const read = async (afterSeq: number) =>
    readHeads(connection, table, { shard, afterSeq, limit: HEAD_CHUNK_ROWS });
  const name = ({ seq }: ChainHead) => (table === "chain_head" ? `${seq}` : `${seq} kept by core`);
  let [heads, at, unproven] = [await read(Number.MIN_SAFE_INTEGER), 0, 0];
  let compared: ChainHead | undefined;
  const prove = (head: ChainHead) => {
    const isProven = keys && isGenuine(head, keys);
    if (isProven === false) throw new Broken(`The head of ${name(head)} is not as it was signed.`);
    if (isProven === undefined) unproven += 1;
    if (keys !== undefined && isProven === undefined && head.seq === last?.seq) {
      throw new Broken(`The newest head, of ${name(head)}, has an unknown key: ${head.keyId}.`);
    }
  };
  return {
    newest: () => compared,
    unproven: () => unproven,
    pass: async (seq, hash) => {
      for (let head = heads[at]; head !== undefined && head.seq <= seq; head = heads[at]) {
        prove(head);
        if (head.seq !== seq) throw new Broken(`The head of ${name(head)} is of no seal's end.`);
        if (head.hash !== hash) throw rewritten(compared?.seq ?? 0, head.seq, name(head));
        compared = head;
        at += 1;
        if (at === heads.length) [heads, at] = [await read(head.seq), 0];
      }
    },
    end: (seq) => {
      const left = heads[at];
      if (left === undefined || (last?.seq ?? 0) < left.seq) return;
      prove(left);
      throw new Broken(`A head of ${name(left)} was signed, and the chain ends at ${seq}.`);
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
function rewritten(afterSeq: number, seq: number, head: string): Broken {
  const first = afterSeq + 1;
  const which = first === seq ? `Transfer ${seq}` : `Some of the transfers ${first} to ${seq}`;
  const problem = `${which} and the seals were made anew: the head of ${head} has another hash.`;
  return new Broken(problem, first);
}
