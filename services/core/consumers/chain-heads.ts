import { ChainHeadSignedSchema } from "#gen/mizan/billing/v1/events_pb.ts";
import { consumer } from "#mesh/events/consumer.ts";
import { keepChainHead, type Witness } from "../operations/keep-chain-head.ts";

/** Keeps the signed heads of the ledger's hash chain outside of billing's database (WR-9). */
export const chainHeads = (witness: Witness) =>
  consumer(ChainHeadSignedSchema, "chain-heads", keepChainHead(witness));
