import { derivedId } from "#mesh/ids.ts";
import type { ChargeState } from "./message.ts";

/** The money of a chunk as its messages say, and as it is counted; in minor units. */
export type ChunkSums = {
  readonly chunkId: string;
  readonly accountId: string;
  readonly charge: ChargeState;
  /** What the chunk counts as reserved. */
  readonly openCount: number;
  readonly openAmount: bigint;
  /** How many messages it has, and how many of them are there. */
  readonly messageCount: number;
  readonly foundCount: number;
  /** The prices of its messages: all of them, those reserved, and those captured at some time. */
  readonly total: bigint;
  readonly reservedCount: number;
  readonly reserved: bigint;
  readonly capturedCount: number;
  readonly captured: bigint;
  readonly refunds: readonly { readonly messageId: string; readonly price: bigint }[];
  /** Whether the ledger is still to be told of something. */
  readonly isUntold: boolean;
};

/** A rule that does not hold: of the messages and their chunk, or of these and the ledger. */
export type Rule = "MESSAGES" | "OPEN" | "CAPTURED" | "RESERVE" | "CAPTURE" | "REFUND";

/** The rules that a chunk breaks in our own tables (MON-9). */
export function ownDifferences(sums: ChunkSums): Rule[] {
  const { charge, openCount, openAmount, reservedCount, reserved, capturedCount } = sums;
  const isOpen = openCount === reservedCount && openAmount === reserved;
  return [
    ...(sums.messageCount === sums.foundCount ? [] : (["MESSAGES"] as const)),
    ...(isOpen ? [] : (["OPEN"] as const)),
    ...((charge === "CAPTURED") === capturedCount > 0 ? [] : (["CAPTURED"] as const)),
  ];
}

/** A transfer that the ledger should have; without an amount it should not. */
export type Expected = {
  readonly rule: Rule;
  /** The id of the transfer, as billing derives it from the hold or the refund. */
  readonly transferId: string;
  readonly amount: bigint | undefined;
};

/** What the ledger should have of a chunk that it was told all of. Free messages have no holds. */
export function expectedTransfers(sums: ChunkSums): Expected[] {
  const { chunkId, charge, total, captured, refunds } = sums;
  if (sums.isUntold || total === 0n) return [];
  if (charge === "RESERVED") {
    return [transfer("RESERVE", chunkId, total), transfer("CAPTURE", chunkId)];
  }
  if (charge === "RELEASED") return [transfer("CAPTURE", chunkId)];
  if (charge !== "CAPTURED") return [];
  const given = refunds.map(({ messageId, price }) => transfer("REFUND", messageId, price));
  return [transfer("CAPTURE", chunkId, captured === 0n ? undefined : captured), ...given];
}

function transfer(rule: Rule, id: string, amount?: bigint): Expected {
  const transferId = derivedId(`transfer/sms/${id}/${rule.toLowerCase()}`);
  return { rule, transferId, amount };
}
