import type { MessageInitShape } from "@bufbuild/protobuf";
import type { ChainHeadSchema } from "#gen/mizan/billing/v1/audit_pb.ts";
import type { VerifyChainResponseSchema } from "#gen/mizan/billing/v1/audit_service_pb.ts";
import type { ChainHead, Verdict } from "../domain/chain.ts";
import { toTime } from "./messages.ts";

/** Writes a signed head. */
export function toChainHead(head: ChainHead) {
  const { shard, seq, hash, keyId, signature, signedAtUs } = head;
  const message = {
    shard,
    seq: BigInt(seq),
    hash: Uint8Array.fromHex(hash),
    keyId,
    signature: new Uint8Array(signature),
    signTime: toTime(signedAtUs),
  };
  return message satisfies MessageInitShape<typeof ChainHeadSchema>;
}

/** Writes what a verification has found. */
export function toVerdict(verdict: Verdict) {
  const { verifiedSeq, firstBrokenSeq, headHash, signedHead, problem } = verdict;
  const message = {
    verifiedSeq: BigInt(verifiedSeq),
    firstBrokenSeq: BigInt(firstBrokenSeq),
    headHash: Uint8Array.fromHex(headHash),
    ...(signedHead && { signedHead: toChainHead(signedHead) }),
    problem,
  };
  return message satisfies MessageInitShape<typeof VerifyChainResponseSchema>;
}
