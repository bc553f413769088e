import type { Account } from "./account.ts";
import { TransferCodes } from "./chart.ts";
import { TransferKinds } from "./transfer.ts";

/** What an owner has of one asset, in minor units. */
export type Balance = {
  readonly ledger: number;
  /** What can be spent now (ACC-4). */
  readonly availableMinor: bigint;
  /** What is reserved for a purpose, behind orders too. */
  readonly heldMinor: bigint;
};

/** The counters of an owner's account. */
export type Counters = Pick<Account, "debitsPending" | "debitsPosted" | "creditsPosted">;

/**
 * What the counters of an owner's two accounts of an asset mean to the owner. What others hold for
 * the owner is nothing yet: it can't be spent before it is posted (ACC-3).
 */
export function balanceOf(
  ledger: number,
  { debitsPending, debitsPosted, creditsPosted }: Counters = nothing,
  inOrders: Counters = nothing,
): Balance {
  const availableMinor = creditsPosted - debitsPosted - debitsPending;
  const behindOrdersMinor = inOrders.creditsPosted - inOrders.debitsPosted;
  return { ledger, availableMinor, heldMinor: debitsPending + behindOrdersMinor };
}

const nothing: Counters = { debitsPending: 0n, debitsPosted: 0n, creditsPosted: 0n };

/** Why the balance of an owner changed. */
export type EntryType =
  | "charge"
  | "hold"
  | "hold_release"
  | "sms_deduction"
  | "refund"
  | "trade"
  | "fee"
  | "withdrawal"
  | "deposit"
  | "reversal"
  | "transfer";

/** Which side of the owner's accounts an entry stands on; none when nothing came or left. */
export type EntrySide = "debit" | "credit" | "none";

/** A line of a statement. */
export type Entry = {
  /** The transfer that it shows. */
  readonly id: string;
  readonly type: EntryType;
  readonly side: EntrySide;
  readonly amountMinor: bigint;
  /** What the owner had after it. */
  readonly balance: Balance;
  readonly reference: string;
  /** Microseconds since 1970. */
  readonly atUs: number;
};

/** Of these kinds nothing comes or leaves, whatever they are for. */
export const typesOfKinds: Readonly<Record<number, EntryType>> = {
  [TransferKinds.PENDING]: "hold",
  [TransferKinds.VOID]: "hold_release",
  [TransferKinds.EXPIRE]: "hold_release",
};

/** What the others are to their owner, by the reason; "transfer" where there is none of these. */
export const typesOfCodes: Readonly<Record<number, EntryType>> = {
  [TransferCodes.CHARGE]: "charge",
  [TransferCodes.SMS]: "sms_deduction",
  [TransferCodes.SMS_REFUND]: "refund",
  [TransferCodes.MERCHANT_WITHDRAWAL]: "withdrawal",
  [TransferCodes.PAYOUT_FEE]: "fee",
  [TransferCodes.TRADE]: "trade",
  [TransferCodes.TRADING_FEE]: "fee",
  [TransferCodes.PURCHASE]: "trade",
  [TransferCodes.CHAIN_WITHDRAWAL]: "withdrawal",
  [TransferCodes.WITHDRAWAL_FEE]: "fee",
  [TransferCodes.REVERSAL]: "reversal",
  [TransferCodes.DEPOSIT]: "deposit",
  [TransferCodes.REORG]: "reversal",
};
