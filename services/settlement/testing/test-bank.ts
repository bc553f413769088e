import { setTimeout as sleep } from "node:timers/promises";
import {
  type BankProvider,
  CallbackError,
  type Found,
  type Outcome,
  type OutgoingTransfer,
} from "../providers/bank.ts";

/** What a bank of a test does with a transfer; its books are apart from what it answers. */
export type Script =
  /** Pays, or accepts and pays when it is told to, and says so. */
  | "PAY"
  | "ACCEPT"
  /** Takes it, and the answer is lost: the payment is made now, or when it is told to. */
  | "PAY_SILENTLY"
  | "ACCEPT_SILENTLY"
  /** The request is lost on its way, and nobody knows; or it only comes late. */
  | "LOSE"
  | "COME_LATE"
  | "REJECT_PAYOUT"
  | "REJECT_PROVIDER"
  | "NO_FUNDS"
  | "NOT_PROCESSED"
  | "NOT_SENT";

/** How the bank of a test stands to one of our references. */
export type Held = {
  readonly transfer: OutgoingTransfer;
  state: "ACCEPTED" | "PAID" | "FAILED" | "RETURNED";
  readonly bankReference: string;
};

/** How a test makes a bank behave; each field until it is changed. */
type Control = {
  /** What it does with the next transfers, by turns; then `usual`. */
  next: Script[];
  usual: Script;
  /** Whether questions get no answers, and the amount that it tells instead of the true one. */
  isDumb: boolean;
  tellsMinor: bigint | undefined;
  balanceMinor: bigint | undefined;
  /** Is waited for before it takes a call, and before it answers one. */
  before: () => Promise<void> | undefined;
  after: () => Promise<void> | undefined;
  /** Is waited for after it has looked for what a question names, and before it answers. */
  afterLook: () => Promise<void> | undefined;
  /** Is waited for before it tells its balance; the signal says when nobody waits for it any more. */
  beforeBalance: (signal: AbortSignal) => Promise<unknown> | undefined;
  /** What it says of a transfer beside its code. */
  raw: (transfer: OutgoingTransfer) => string;
};

/** A bank of a test: the provider, what it does, and what it has done. */
export type TestBank = ReturnType<typeof testBank>;

/**
 * A bank with books in memory: it does what it is scripted to, knows a reference for ever, and
 * pays none twice.
 */
export function testBank(name = "bank", caps: Partial<BankProvider["caps"]> = {}) {
  const held = new Map<string, Held>();
  const calls: OutgoingTransfer[][] = [];
  const lookups: string[][] = [];
  const late: OutgoingTransfer[] = [];
  const control: Control = {
    next: [],
    usual: "PAY",
    isDumb: false,
    tellsMinor: undefined,
    balanceMinor: undefined,
    before: () => undefined,
    after: () => undefined,
    afterLook: () => undefined,
    beforeBalance: () => undefined,
    raw: () => "",
  };
  const provider: BankProvider = {
    name,
    caps: { ...usualCaps, ...caps },
    submit: async (transfers) => {
      calls.push([...transfers]);
      await control.before();
      const outcomes = transfers.map((transfer) => take({ name, held, late, control }, transfer));
      await control.after();
      return outcomes;
    },
    lookup: async (refs) => {
      lookups.push([...refs]);
      await sleep(0);
      const found = refs.map((ref) => find({ held, control }, ref));
      await control.afterLook();
      return found;
    },
    balance: async (signal) => {
      await control.beforeBalance(signal);
      return control.balanceMinor;
    },
    parseCallback: () => {
      throw new CallbackError("MALFORMED");
    },
  };
  return {
    provider,
    control,
    /** What it has taken, by our references, and the calls and questions as they came. */
    held: held as ReadonlyMap<string, Held>,
    calls: calls as readonly (readonly OutgoingTransfer[])[],
    lookups: lookups as readonly (readonly string[])[],
    /** Brings what it has accepted to its end. */
    settle: (state: "PAID" | "FAILED" = "PAID") => {
      for (const one of held.values()) if (one.state === "ACCEPTED") one.state = state;
    },
    /** Pays what has come late by now; or what comes so late that it is sent back. */
    arrive: (state: "PAID" | "RETURNED" = "PAID") => {
      for (const transfer of late.splice(0)) pay({ name, held }, transfer, state);
    },
    /** Sends back what it has paid by some reference. */
    sendBack: (ref: string) => {
      const one = held.get(ref);
      if (one?.state === "PAID") one.state = "RETURNED";
    },
    /** How often it has paid for a payout. */
    paidTo: (payoutId: string) =>
      [...held.values()].filter(({ transfer, state }) => {
        return transfer.description === payoutId && ["PAID", "RETURNED"].includes(state);
      }).length,
  };
}

const usualCaps: BankProvider["caps"] = {
  maxTransfers: 100,
  maxLookups: 100,
  timeoutMs: 1000,
  windowMs: 0,
  hasStatements: true,
};

type Books = { readonly held: Map<string, Held>; readonly control: Control };
type Desk = Books & { readonly name: string; readonly late: OutgoingTransfer[] };

function pay(
  { name, held }: Pick<Desk, "name" | "held">,
  transfer: OutgoingTransfer,
  state: Held["state"],
): Held {
  const known = held.get(transfer.ref);
  if (known !== undefined) return known;
  const fresh: Held = { transfer, state, bankReference: `${name}-${held.size + 1}` };
  held.set(transfer.ref, fresh);
  return fresh;
}

function take({ name, held, late, control }: Desk, transfer: OutgoingTransfer): Outcome {
  const script = control.next.shift() ?? control.usual;
  const known = held.get(transfer.ref);
  const raw = control.raw(transfer);
  if (known !== undefined) return stands(known, raw);
  const code = codes[script] ?? script;
  const said = { code, text: code.toLowerCase(), raw };
  const taken = taking[script];
  if (script === "COME_LATE") late.push(transfer);
  const fresh = taken && pay({ name, held }, transfer, taken);
  if (fresh !== undefined && (script === "PAY" || script === "ACCEPT")) return stands(fresh, raw);
  const fault = script === "REJECT_PAYOUT" ? "PAYOUT" : "PROVIDER";
  if (script === "REJECT_PAYOUT" || script === "REJECT_PROVIDER") {
    return { kind: "REJECTED", fault, ...said } as const;
  }
  const isPlain = script === "NO_FUNDS" || script === "NOT_PROCESSED" || script === "NOT_SENT";
  return { kind: isPlain ? script : "UNKNOWN", ...said } as const;
}

const taking: Partial<Record<Script, Held["state"]>> = {
  PAY: "PAID",
  PAY_SILENTLY: "PAID",
  ACCEPT: "ACCEPTED",
  ACCEPT_SILENTLY: "ACCEPTED",
};

const codes: Partial<Record<Script, string>> = {
  PAY_SILENTLY: "TIMEOUT",
  ACCEPT_SILENTLY: "TIMEOUT",
  LOSE: "TIMEOUT",
  COME_LATE: "TIMEOUT",
  REJECT_PAYOUT: "ACCOUNT_CLOSED",
  REJECT_PROVIDER: "NOT_SERVED",
};

function stands({ state, bankReference }: Held, raw: string): Outcome {
  return { kind: state === "ACCEPTED" ? "ACCEPTED" : "SUCCEEDED", bankReference, raw };
}

function find({ held, control }: Books, ref: string): Found {
  const nothing = { bankReference: "", code: "", text: "", raw: "" };
  if (control.isDumb) return { kind: "NO_ANSWER", ...nothing };
  const known = held.get(ref);
  if (known === undefined) return { kind: "NOT_FOUND", ...nothing };
  const { bankReference, state, transfer } = known;
  const kind = state === "PAID" ? "SUCCEEDED" : state;
  const amountMinor = control.tellsMinor ?? transfer.amountMinor;
  return { kind, ...nothing, bankReference, amountMinor };
}
