import type { NewAccount, Id } from "./account.ts";
import type { Asset, Assets } from "./asset.ts";
import type { Ledger } from "./ledger.ts";
import type { NewTransfer, StoredTransfer, TransferStatus } from "./transfer.ts";

/** What money can be held for. */
export type Purpose = "SMS" | "ORDER" | "PURCHASE" | "MERCHANT_WITHDRAWAL" | "CHAIN_WITHDRAWAL";

/** An amount of an asset, in minor units. */
export type Money = { readonly asset: Asset; readonly amountMinor: bigint };

/** A hold to make. */
export type NewHold = Money & {
  readonly holdId: string;
  readonly ownerId: string;
  /** What it costs on top of the amount, in minor units of its asset. */
  readonly feeMinor: bigint;
  readonly chain: string;
  readonly wallet: string;
  readonly step: number;
  readonly reference: string;
  /** When the hold ends by itself, in microseconds since 1970. */
  readonly expiresAtUs?: number;
};

/** A hold to capture or release. */
export type HoldEnd = {
  readonly holdId: string;
  /** How much of it; absent for all. */
  readonly money?: Money;
  readonly base?: Money;
  readonly fee?: Money;
  readonly bank: string;
  readonly step: number;
};

/** What a caller may or has to say beside the hold itself. */
export type Field =
  | "amount"
  | "bank"
  | "base_amount"
  | "chain"
  | "expire_time"
  | "fee"
  | "step"
  | "wallet";

/** The fields of a call; those that are not named are refused. */
export type Fields = Readonly<Partial<Record<Field, "optional" | "required">>>;

/**
 * The ids of the transfers behind a hold (TRF-8): made from its own, so that a retry is the same. It
 * stands where the transfer stands that reserves its money, for which a hold may have further ones.
 */
export type HoldIds = { readonly reserve: Id; readonly capture: Id; readonly release: Id };

/** Transfers that stand or fall together, and the accounts that they open on first use. */
export type Chain = {
  readonly accounts: readonly NewAccount[];
  readonly events: readonly NewTransfer[];
};

/** The reasons of refusals, by the status of the ledger. */
export type Refusals = Partial<Record<TransferStatus, HoldReason>>;

/** Why the ledger does not make, capture or release a hold. */
export type HoldReason =
  | "ASSET_NOT_ACCEPTED"
  | "EXPIRE_TIME_OUT_OF_RANGE"
  | "HOLD_ALREADY_CAPTURED"
  | "HOLD_ALREADY_RELEASED"
  | "HOLD_AMOUNT_DIFFERS"
  | "HOLD_EXCEEDED"
  | "HOLD_EXPIRED"
  | "HOLD_ID_REUSED"
  | "HOLD_NOT_FOUND"
  | "INSUFFICIENT_CREDIT"
  | "INSUFFICIENT_FUNDS"
  | "LEDGER_REFUSED"
  | "OWNER_NOT_FOUND"
  | "POOL_EXHAUSTED";

/** What a purpose sees of the ledger. */
export type Books = Pick<Ledger, "bySlot" | "transfer">;

/** Captured money to give back. */
export type NewRefund = Money & {
  readonly refundId: string;
  readonly holdId: string;
  readonly bank: string;
  readonly reference: string;
};

/** How captured money comes back. The functions are pure. */
export type Refunding<Ids extends HoldIds = HoldIds> = {
  readonly fields: Fields;
  /** Names the transfers of a refund, by the id of the refund, since a hold may have several. */
  ids(refundId: string): readonly Id[];
  /** The transfers that took the money, at which refunds are counted: that of the money is first. */
  captures(ids: Ids): readonly Id[];
  /** Throws why a refund that is not made yet can't be; that there is enough left is checked. */
  check?(books: Books, refund: NewRefund, captures: readonly StoredTransfer[]): void;
  make(
    books: Books,
    refund: NewRefund,
    parts: { readonly captures: readonly StoredTransfer[]; readonly assets: Assets },
  ): Chain;
};

/**
 * The money flow of a purpose: which transfers make, capture and release its holds. The functions
 * are pure, and throw the refusals that the ledger itself would not give.
 */
export type Flow<Ids extends HoldIds = HoldIds> = {
  /** The only service that may touch the holds (HOLD-2). */
  readonly service: string;
  /** The code of the only asset, when there is one. */
  readonly asset?: string;
  readonly fields: { readonly hold: Fields; readonly capture: Fields; readonly release: Fields };
  /** How many transfers the end of a hold has at most. */
  readonly links: { readonly capture: number; readonly release: number };
  /** The reasons of refusals of a new hold, link by link (HOLD-3). */
  readonly refusals: readonly Refusals[];
  /** Names all transfers that a call may look at; the step is that of an order. */
  ids(holdId: string, step: number, attempt?: number): Ids;
  /** The further transfers that make a hold, beside the one that reserves its money. */
  further?(ids: Ids): readonly Id[];
  make(hold: NewHold, ids: Ids, assets: Assets): Chain;
  /** Absent where the money is taken by other means. */
  capture?(books: Books, end: HoldEnd, ids: Ids): Chain;
  release(books: Books, end: HoldEnd, ids: Ids): Chain;
  /** Finds the holds by what made them; absent where nobody lists them. */
  readonly listed?: {
    readonly code: number;
    /** The kinds of the accounts that the money came from. */
    readonly debitCodes: readonly number[];
    /** The transfer by which a step was made. */
    idOf(holdId: string, step: number): Id;
  };
  /** Absent where what was captured has left for good. */
  readonly refund?: Refunding<Ids>;
};

/** Where a hold stands; unknown for one that was never made. */
export type HoldState = "unknown" | "held" | "captured" | "released" | "expired";

/**
 * Reads where a hold stands. What was moved at once, as for an order, is released when the release
 * of the call's step was made.
 */
export function holdStateOf({ transfer }: Pick<Books, "transfer">, ids: HoldIds): HoldState {
  const reserve = transfer(ids.reserve);
  if (reserve === undefined) return "unknown";
  if (reserve.resolution !== undefined) return states[reserve.resolution];
  return transfer(ids.release) === undefined ? "held" : "released";
}

const states = { posted: "captured", voided: "released", expired: "expired" } as const;
