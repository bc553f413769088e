import type { Connection } from "#mesh/database/connection.ts";
import { SEAL_CHUNK_ROWS } from "#mesh/limits.ts";
import { type Chain, CHECK_DIGITS, type Seal } from "../domain/chain.ts";
import { readSeals } from "../store/seals.ts";
import { cellOf, Cells } from "./read-chain.ts";
import { Broken } from "./broken.ts";

/** The seals, for one who goes along the chain. */
export type Seals = {
  /** The number of the last transfer of the seal at hand. */
  readonly endSeq: () => number;
  /** Takes the next seal, which begins at a number. Throws Broken when there is none. */
  readonly next: (seq: number) => Promise<void>;
  /** Compares a transfer with its check; the first that differs is the broken one. */
  readonly check: (seq: number, hash: string, line: string) => void;
  /** Compares the end of the seal at hand. Throws Broken. */
  readonly end: (chain: Chain) => void;
  /** The problem when the transfers end after a number, and the seal does not. */
  readonly missing: (seq: number) => Broken;
};

/** Opens the seals of a shard. */
export function openSeals(connection: Connection, shard: number): Seals {
  let [seals, at]: [Seal[], number] = [[], -1];
  let seal: Seal | undefined;
  let broken: Broken | undefined;
  return {
    endSeq: () => seal?.seq ?? 0,
    next: async (seq) => {
      at += 1;
      if (at >= seals.length) {
        const options = { afterSeq: seq - 1, limit: SEAL_CHUNK_ROWS };
        [seals, at] = [await readSeals(connection, shard, options), 0];
      }
      seal = seals[at];
      if (seal?.firstSeq !== seq) throw new Broken(`There is no seal that begins at ${seq}.`);
      if (seal.checks.length !== (seal.seq - seq + 1) * CHECK_DIGITS) throw changed(seal);
    },
    check: (seq, hash, line) => {
      const { checks, firstSeq } = seal!;
      const place = (seq - firstSeq) * CHECK_DIGITS;
      if (checks.startsWith(hash.slice(0, CHECK_DIGITS), place)) return;
      broken ??= new Broken(describe(seq, Number(cellOf(line, Cells.SEQ))), seq);
    },
    end: (chain) => {
      const { hash, atUs, slot } = seal!;
      if (broken !== undefined && hash !== chain.hash) throw broken;
      const isSame = hash === chain.hash && atUs === chain.atUs && slot === chain.slot;
      if (broken !== undefined || !isSame) throw changed(seal!);
    },
    missing: (seq) => broken ?? new Broken(`Transfer ${seq + 1} is missing.`, seq + 1),
  };
}

function changed({ firstSeq, seq }: Seal): Broken {
  return new Broken(`The seal of ${firstSeq} to ${seq} was changed; the transfers were not.`);
}

function describe(seq: number, found: number): string {
  if (found > seq) return `Transfer ${seq} is missing; ${found} stands in its place.`;
  if (found < seq) return `${found} stands in the place of transfer ${seq}.`;
  return `Transfer ${seq}, its reference, or an account that was opened just before it, was changed.`;
}
