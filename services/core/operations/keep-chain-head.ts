import type { ChainHeadSigned } from "#gen/mizan/billing/v1/events_pb.ts";
import type { Log } from "#mesh/log.ts";
import type { Metrics } from "#mesh/metrics.ts";
import { isSigned } from "#mesh/signature.ts";
import type { TokenKey } from "#mesh/token-keys.ts";
import { type LedgerHead, signedText } from "../domain/ledger-head.ts";
import { findContradiction, insertLedgerHead } from "../store/ledger-heads.ts";
import type { Queries } from "../store/tables.ts";

/** What a witness of the ledger needs. */
export type Witness = {
  /** The public keys of all services; throws when they can't be read. */
  readonly keys: () => readonly TokenKey[];
  readonly log: Pick<Log, "error">;
  readonly metrics: Pick<Metrics, "counter">;
};

/**
 * Keeps a signed head of the ledger's hash chain, so that the ledger's history can't be made anew in
 * silence (L19). One that contradicts an earlier one is kept as well, counted and logged; one that
 * billing has not signed is not kept. Throws when its key is not known: it may be yet.
 */
export const keepChainHead =
  ({ keys, log, metrics }: Witness) =>
  async (tx: Queries, { head: message }: ChainHeadSigned): Promise<void> => {
    const problems = metrics.counter(
      "mizan_ledger_head_problems_total",
      "Heads of the ledger that can't be true.",
    );
    const head = fromMessage(message!);
    const { shard, seq } = head;
    const isOfBilling = proves(keys(), head);
    if (isOfBilling === false) {
      problems.add({ problem: "forged" });
      log.error({ shard, seq }, "a head of the ledger was not signed by billing");
      return;
    }
    if (!(await insertLedgerHead(tx, head))) return;
    if (isOfBilling === undefined) throw new Error(`the key ${head.keyId} of billing is not known`);
    const other = await findContradiction(tx, head);
    if (other === undefined) return;
    problems.add({ problem: "contradiction" });
    log.error({ shard, seq, other }, "the ledger's history was changed: two of its heads disagree");
  };

function proves(keys: readonly TokenKey[], head: LedgerHead): boolean | undefined {
  const { keyId, signature } = head;
  const bytes = Buffer.from(signedText(head));
  return isSigned(keys, { service: "billing", keyId, bytes, signature });
}

function fromMessage(message: NonNullable<ChainHeadSigned["head"]>): LedgerHead {
  const { shard, seq, hash, keyId, signature, signTime } = message;
  return {
    shard,
    seq: Number(seq),
    hash: hash.toHex(),
    keyId,
    signature,
    signedAtUs: Number(signTime!.seconds) * 1_000_000 + signTime!.nanos / 1000,
  };
}
