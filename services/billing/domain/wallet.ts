import type { Account } from "./account.ts";
import { TransferCodes } from "./chart.ts";
import { TransferKinds } from "./transfer.ts";

/** What an owner has of one asset, in minor units. */
export type Balance = {
  readonly ledger: number;
  /** What can be spent now (ACC-4). */
  readonly availableMinor: bigint;
  /** What is reserved for a purpose. */
  readonly heldMinor: bigint;
};

/** The counters of an owner's account. */
export type Counters = Pick<Account, "debitsPending" | "debitsPosted" | "creditsPosted">;

/** What the counters of an owner's account mean to the owner. */
export function balanceOf(
  ledger: number,
  { debitsPending, debitsPosted, creditsPosted }: Counters,
): Balance {
  const availableMinor = creditsPosted - debitsPosted - debitsPending;
  return { ledger, availableMinor, heldMinor: debitsPending };
}

/** Why the balance of an owner changed. */
export type EntryType =
  | "charge"
  | "hold"
  | "hold_release"
  | "sms_deduction"
  | "refund"
  | "transfer";

/** Which side of the owner's account an entry stands on; none when nothing was moved. */
export type EntrySide = "debit" | "credit" | "none";

/** A line of a statement. */
export type Entry = {
  /** The transfer that it shows. */
  readonly id: string;
  readonly seq: number;
  readonly type: EntryType;
  readonly side: EntrySide;
  readonly amountMinor: bigint;
  /** What the owner had after it. */
  readonly balance: Balance;
  readonly reference: string;
  /** Microseconds since 1970. */
  readonly atUs: number;
};

/** Names a transfer as its owner sees it. */
export function entryTypeOf(kind: number, code: number): EntryType {
  if (kind === TransferKinds.PENDING) return "hold";
  if (kind === TransferKinds.VOID || kind === TransferKinds.EXPIRE) return "hold_release";
  if (code === TransferCodes.CHARGE) return "charge";
  if (code === TransferCodes.SMS_REFUND) return "refund";
  return code === TransferCodes.SMS ? "sms_deduction" : "transfer";
}

/** Only singles and posts move money. */
export function entrySideOf(kind: number, isDebit: boolean): EntrySide {
  if (kind !== TransferKinds.SINGLE && kind !== TransferKinds.POST) return "none";
  return isDebit ? "debit" : "credit";
}
