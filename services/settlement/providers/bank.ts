/** An outgoing edge to one bank. It only translates: no retry, no pacing, no database. */
export type BankProvider = {
  /** What is stored with an attempt, such as "bank". */
  readonly name: string;
  /** How much one call takes, how long it may last, and what we may rely on. */
  readonly caps: {
    readonly maxTransfers: number;
    readonly maxLookups: number;
    readonly timeoutMs: number;
    /** How long after a call the bank may still take it: before that "unknown" says nothing. */
    readonly windowMs: number;
    /** Whether statements say what has left the account; else success alone is the proof. */
    readonly hasStatements: boolean;
    /** What may be paid through it a day, in minor units of IRR; absent for no limit. */
    readonly dailyLimitMinor?: bigint;
  };
  /** One outcome per transfer, in order. Never throws for what the bank or the network does. */
  readonly submit: (
    transfers: readonly OutgoingTransfer[],
    signal: AbortSignal,
  ) => Promise<readonly Outcome[]>;
  /** Asks by our references what became of them, one answer each, in order (PAY-3). */
  readonly lookup: (refs: readonly string[], signal: AbortSignal) => Promise<readonly Found[]>;
  /** What is left on our account, in minor units of IRR; undefined when the bank does not say. */
  readonly balance: (signal: AbortSignal) => Promise<bigint | undefined>;
  /** Reads a call-back; throws a CallbackError for a stranger's and for one that makes no sense. */
  readonly parseCallback: (received: ReceivedCallback) => Callback;
};

/** Money to send. The reference is ours and stays the same for every attempt here (PAY-2). */
export type OutgoingTransfer = {
  readonly ref: string;
  /** Where it goes: the account at a bank, or how the bank knows the merchant. */
  readonly account: string;
  readonly amountMinor: bigint;
  /** The asset of the ledger, such as "IRR". */
  readonly asset: string;
  readonly description: string;
};

/** What the bank said, kept for people: its code, its words and its answer as it came. */
type Said = {
  /** The bank's code, or ours for what the network did, such as TIMEOUT; "" for none. */
  readonly code: string;
  readonly text: string;
  /** The bank's answer about this transfer, shortened; "" when nothing readable came. */
  readonly raw: string;
};

/**
 * What became of one transfer. REJECTED: surely not paid, and the bank won't; the fault is the
 * PAYOUT's, or the PROVIDER's, so that another one may take it. NO_FUNDS, NOT_PROCESSED: the bank
 * says it has not taken it; later it may. NOT_SENT: surely no byte of the request left. UNKNOWN: it
 * may have been paid, so the bank has to be asked (PAY-3).
 */
export type Outcome =
  | {
      readonly kind: "SUCCEEDED" | "ACCEPTED";
      readonly bankReference: string;
      readonly raw: string;
    }
  | (Said & { readonly kind: "REJECTED"; readonly fault: "PAYOUT" | "PROVIDER" })
  | (Said & { readonly kind: "NO_FUNDS" | "NOT_PROCESSED" | "NOT_SENT" | "UNKNOWN" });

/**
 * What the bank knows about one of our references. NO_ANSWER: it did not say, so ask again. An
 * amount is there when the bank told one, in minor units of IRR.
 */
export type Found = Said & {
  readonly kind: "SUCCEEDED" | "ACCEPTED" | "FAILED" | "RETURNED" | "NOT_FOUND" | "NO_ANSWER";
  /** What the bank calls the payment; "" for none. */
  readonly bankReference: string;
  readonly amountMinor?: bigint;
};

/** A request of a bank to us, as it came, with the names of its headers in lower case. */
export type ReceivedCallback = {
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Buffer;
  readonly nowMs: number;
};

/** What a bank tells by itself about one transfer. The event's id is the bank's. */
export type Callback = Said & {
  readonly eventId: string;
  readonly ref: string;
  readonly kind: "SUCCEEDED" | "ACCEPTED" | "FAILED" | "RETURNED";
  readonly bankReference: string;
  readonly amountMinor?: bigint;
};

/** A call-back that is refused: its caller is a STRANGER, or it is MALFORMED. */
export class CallbackError extends Error {
  override readonly name = "CallbackError";
  readonly fault: "STRANGER" | "MALFORMED";

  constructor(fault: "STRANGER" | "MALFORMED") {
    super(fault === "STRANGER" ? "the caller is not the bank" : "the call-back makes no sense");
    this.fault = fault;
  }
}
