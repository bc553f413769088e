/** An outgoing edge to one SMS provider. It only translates: no retry, no pacing, no database. */
export type SmsProvider = {
  /** What is stored with a message, such as "magfa". */
  readonly name: string;
  /** How much one call takes, and how long it may last. */
  readonly caps: {
    readonly maxRecipients: number;
    readonly maxLookups: number;
    readonly maxPolled: number;
    readonly timeoutMs: number;
  };
  /** One outcome per text, in order. Never throws for what the provider or the network does. */
  readonly submit: (
    texts: readonly OutgoingText[],
    signal: AbortSignal,
  ) => Promise<readonly Outcome[]>;
  /** Asks by our references what became of them, one answer each, in order (FO-3). */
  readonly lookup: (refs: readonly bigint[], signal: AbortSignal) => Promise<readonly Found[]>;
  /** Asks for receipts by the provider's ids; there is no entry where nothing is known. */
  readonly poll: (
    providerIds: readonly string[],
    signal: AbortSignal,
  ) => Promise<readonly ProviderReceipt[]>;
  /** Reads a call-back; throws a CallbackError for a stranger's and for one that makes no sense. */
  readonly parseCallback: (callback: Callback) => readonly ProviderReceipt[];
  /** What is left of our credit, in minor units; undefined when the provider does not say. */
  readonly balance: (signal: AbortSignal) => Promise<bigint | undefined>;
};

/** A text to send. The reference is ours and stays the same for every attempt (PROV-2). */
export type OutgoingText = {
  readonly ref: bigint;
  /** E.164. */
  readonly receiver: string;
  readonly sender: string;
  readonly text: string;
};

/**
 * What became of one text. NOT_SENT: surely no byte of the request left. UNKNOWN: it may have been
 * accepted, so it has to be asked for (FO-1). UNLISTED: a code that the provider's map lacks.
 */
export type Outcome =
  | {
      readonly kind: "ACCEPTED";
      readonly providerId: string;
      readonly parts?: number;
      /** The price of the provider, as it was written. */
      readonly tariff?: string;
    }
  | {
      readonly kind: "PERMANENT_MESSAGE";
      readonly failure: "INVALID_NUMBER" | "OPERATOR_BLACKLIST" | "PREFIX_BLOCKED";
      readonly code: string;
    }
  | {
      readonly kind:
        | "PERMANENT_REQUEST"
        | "BUSY"
        | "PARK"
        | "PARK_NO_CREDIT"
        | "NOT_SENT"
        | "UNKNOWN"
        | "UNLISTED";
      readonly code: string;
    };

/** What the provider knows about one of our references. */
export type Found =
  | { readonly kind: "FOUND"; readonly providerId: string }
  | { readonly kind: "NOT_FOUND" | "NO_ANSWER" };

/** What a provider says about a text that it has accepted. SENT: the operator has it. */
export type ProviderReceipt = {
  readonly providerId: string;
  readonly state: "DELIVERED" | "UNDELIVERED" | "SENT" | "FAILED";
};

/** A request of a provider to us, with the names of its headers in lower case. */
export type Callback = {
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly query: URLSearchParams;
  readonly body: string;
};

/** A call-back that is refused: its caller is a STRANGER, or it is MALFORMED. */
export class CallbackError extends Error {
  override readonly name = "CallbackError";
  readonly fault: "STRANGER" | "MALFORMED";

  constructor(fault: "STRANGER" | "MALFORMED") {
    super(fault === "STRANGER" ? "the caller is not the provider" : "the call-back makes no sense");
    this.fault = fault;
  }
}
