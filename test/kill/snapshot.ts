/** What the databases hold when all is quiet. */
export type Snapshot = {
  /** Whatever an operation has left behind, by name; a name comes as often as its effect did. */
  readonly effects: readonly Effect[];
  /** Every row of the ledger, in no special order. */
  readonly rows: readonly LedgerRow[];
  readonly accounts: readonly AccountRow[];
  /** What users were told, by name; a name comes as often as the user was told. */
  readonly notifications: readonly string[];
  /** The events that a consumer gave up, with its last error. */
  readonly deadLetters: readonly string[];
  readonly texts: readonly TextRow[];
  /** The references of the texts that the provider accepted; one comes as often as its text did. */
  readonly received: readonly string[];
  /** What sms has told the ledger and the ledger has refused. */
  readonly refusals: readonly string[];
};

/** Something that happened. */
export type Effect = {
  readonly name: string;
  /** Its place in the order of the ledger, and the accounts it touched; absent for the rest. */
  readonly seq?: number;
  readonly accounts?: readonly string[];
  /** The notification that is due for it; absent when nobody is to be told. */
  readonly told?: string;
  /** The hold of sms that it is a part of; absent for what clients ask for themselves. */
  readonly chunk?: string;
  /** The effect that it undoes, or that undoes it: a hold that was made and released whole. */
  readonly undone?: string;
};

/** A transfer as the ledger keeps it; of a pending one that it resolves, the amount too. */
export type LedgerRow = {
  readonly seq: number;
  readonly kind: "single" | "pending" | "post" | "void" | "expire";
  readonly debit: string;
  readonly credit: string;
  readonly amount: bigint;
  /** What the resolved transfer had held; 0 for the others. */
  readonly pendingAmount: bigint;
  /** What it is to texts of sms; absent for all else. */
  readonly payment?: Payment;
};

/** What a transfer is to the texts of a chunk: of their hold, or a refund of one of them. */
export type Payment = {
  readonly kind: "reserve" | "capture" | "release" | "refund";
  readonly chunk: string;
  readonly text?: string;
};

/** A text as sms keeps it. */
export type TextRow = {
  readonly id: string;
  /** What the provider knows it by. */
  readonly ref: string;
  readonly chunk: string;
  /** The ledger's account that pays. */
  readonly account: string;
  /** The key of the request that it came with. */
  readonly key: string;
  readonly receiver: string;
  readonly state: string;
  readonly charge: string;
  readonly price: bigint;
  /** Whether the provider is known to have accepted it. */
  readonly isSent: boolean;
};

/** An account as the ledger keeps it. */
export type AccountRow = Counters & {
  readonly id: string;
  readonly asset: string;
  /** Whether the account must never be overdrawn. */
  readonly limited: boolean;
};

/** The four counters of an account, and how often it was touched. */
export type Counters = {
  readonly debitsPending: bigint;
  readonly debitsPosted: bigint;
  readonly creditsPending: bigint;
  readonly creditsPosted: bigint;
  readonly version: number;
};
