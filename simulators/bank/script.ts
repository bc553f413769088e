import { type Fault, isFault } from "../fault.ts";
import { flag, readFields, whole } from "../read-fields.ts";
import type { Bounds, Ruling } from "../rules.ts";

/** How a call, its transfers and their news go. Times are in milliseconds. */
export type Script = {
  /** How long the answer of a submit takes. */
  readonly delayMs: number;
  /** How long a submit waits until it is taken; who asks before that hears of nothing. */
  readonly takeDelayMs: number;
  /** What goes wrong with a submit. */
  readonly fault: Fault;
  /** What goes wrong with a question about references. */
  readonly lookupFault: Fault;
  /** The HTTP status of a submit; with 400 and more nothing of it is taken. */
  readonly callStatus: number;
  readonly outcome: (typeof outcomes)[number];
  /** The bank's code for what it rejects, does not process, or fails later; "" for the usual one. */
  readonly code: string;
  /** Whose fault a rejection is. */
  readonly rejectFault: (typeof faultsOf)[number];
  /** What becomes of an accepted transfer, and when. */
  readonly end: (typeof ends)[number];
  readonly endDelayMs: number;
  /** How often each call-back comes; 0 loses it, so that only who asks finds out. */
  readonly callbackCopies: number;
  /** Whether the end is told before the submit is answered. */
  readonly callbackEarly: boolean;
  /** Whether "accepted" is told after the end. */
  readonly callbackDisorder: boolean;
  /** What is told after the end: RETURNED happens, anything else only contradicts. */
  readonly second: (typeof seconds)[number];
  readonly secondDelayMs: number;
  /** An amount that is told in the place of the true one; "" tells the truth. */
  readonly toldAmount: string;
  /** Whether a statement shows the payment, and with which amount; "" is the true one. */
  readonly isBooked: boolean;
  readonly bookedAmount: string;
};

/** A script for some transfers, or for a time: the next calls or transfers that it fits. */
export type Rule = Partial<Script> &
  Bounds & {
    readonly account?: string;
    readonly reference?: string;
  };

/** A bank that pays at once, and says so. */
export const smooth: Script = {
  delayMs: 0,
  takeDelayMs: 0,
  fault: "none",
  lookupFault: "none",
  callStatus: 200,
  outcome: "complete",
  code: "",
  rejectFault: "PAYOUT",
  end: "COMPLETED",
  endDelayMs: 50,
  callbackCopies: 1,
  callbackEarly: false,
  callbackDisorder: false,
  second: "none",
  secondDelayMs: 100,
  toldAmount: "",
  isBooked: true,
  bookedAmount: "",
};

/** How rules are chosen: by the account that is paid, or by our reference. */
export const ruling: Ruling<Script, Rule, { account: string; reference: string }> = {
  callFields: ["delayMs", "takeDelayMs", "fault", "callStatus"],
  fits: (rule, { account, reference }) =>
    (rule.account ?? account) === account && (rule.reference ?? reference) === reference,
};

/** Takes a script apart that came as JSON; throws the sentence that names a mistake. */
export function readScript(value: unknown): Partial<Script> {
  return readFields(value, scriptChecks);
}

/** Takes a rule apart that came as JSON; throws the sentence that names a mistake. */
export function readRule(value: unknown): Rule {
  return readFields(value, { ...scriptChecks, ...ruleChecks });
}

/** What of a script differs from the smooth one. */
export function differencesOf(script: Script): Partial<Script> {
  const fields = Object.keys(smooth) as (keyof Script)[];
  return Object.fromEntries(
    fields.filter((name) => script[name] !== smooth[name]).map((name) => [name, script[name]]),
  );
}

/** A test for an amount such as "12.50". */
export function isAmount(field: unknown): boolean {
  return typeof field === "string" && /^(0|[1-9]\d{0,20})(\.\d{1,2})?$/.test(field);
}

const outcomes = ["complete", "accept", "reject", "noFunds", "notProcessed"] as const;
const faultsOf = ["PAYOUT", "PROVIDER"] as const;
const ends = ["COMPLETED", "FAILED", "none"] as const;
const seconds = ["none", "COMPLETED", "FAILED", "RETURNED"] as const;

const delay = whole(0, 7 * 24 * 3600 * 1000);
const text = (field: unknown) => typeof field === "string" && field.length <= 128;
const amount = (field: unknown) => field === "" || isAmount(field);
const oneOf = (words: readonly string[]) => (field: unknown) => words.some((one) => one === field);

const scriptChecks = {
  delayMs: delay,
  takeDelayMs: delay,
  fault: isFault,
  lookupFault: isFault,
  callStatus: whole(200, 599),
  outcome: oneOf(outcomes),
  code: text,
  rejectFault: oneOf(faultsOf),
  end: oneOf(ends),
  endDelayMs: delay,
  callbackCopies: whole(0, 10),
  callbackEarly: flag,
  callbackDisorder: flag,
  second: oneOf(seconds),
  secondDelayMs: delay,
  toldAmount: amount,
  isBooked: flag,
  bookedAmount: amount,
};

const ruleChecks = {
  account: text,
  reference: text,
  calls: whole(1, 1_000_000_000),
  transfers: whole(1, 1_000_000_000),
};
