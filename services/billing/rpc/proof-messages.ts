import type { MessageInitShape } from "@bufbuild/protobuf";
import type { ProofSchema } from "#gen/mizan/billing/v1/audit_pb.ts";
import { fromMinor } from "#mesh/money.ts";
import type { Assets } from "../domain/asset.ts";
import { kindName, type Proof, sumProof } from "../domain/proof.ts";
import { toTime } from "./messages.ts";

/** Writes the proof of an asset. */
export function toProof(assets: Assets, proof: Proof): MessageInitShape<typeof ProofSchema> {
  const { code: asset, scale } = assets.ofLedger(proof.ledger);
  const sums = sumProof(proof);
  const money = (minor: bigint) => ({ asset, amount: toSigned(minor, scale) });
  return {
    asset,
    debitsPosted: money(sums.debitsPosted),
    creditsPosted: money(sums.creditsPosted),
    debitsPending: money(sums.debitsPending),
    creditsPending: money(sums.creditsPending),
    lines: proof.lines.map(({ code, accountCount, debitsPosted, creditsPosted }) => ({
      code,
      name: kindName(code),
      accountCount: BigInt(accountCount),
      debitsPosted: fromMinor(debitsPosted, scale),
      creditsPosted: fromMinor(creditsPosted, scale),
    })),
    custody: money(sums.custody),
    liabilities: money(sums.liabilities),
    isBalanced: sums.isBalanced,
    asOfSeq: BigInt(proof.asOfSeq),
    asOfTime: toTime(proof.asOfUs),
  };
}

/** Only books that are wrong have less than nothing, and those have to be shown as well. */
function toSigned(minor: bigint, scale: number): string {
  return minor < 0n ? `-${fromMinor(-minor, scale)}` : fromMinor(minor, scale);
}
