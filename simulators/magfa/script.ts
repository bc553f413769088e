import { type Fault, isFault } from "../fault.ts";
import { flag, readFields, whole } from "../read-fields.ts";
import type { Ruling } from "../rules.ts";

/** How a call, its texts and their receipts go. Times are in milliseconds. */
export type Script = {
  /** How long the answer of a call takes. */
  readonly delayMs: number;
  readonly fault: Fault;
  /** Magfa's code for a whole call; 0 looks at its texts. */
  readonly callStatus: number;
  /** Magfa's code for one text; 0 accepts it. */
  readonly status: number;
  /** What becomes of an accepted text: 1, 2, 8, 16; 0 says nothing yet and -1 is not known. */
  readonly receiptStatus: number;
  readonly receiptDelayMs: number;
  /** Whether the receipt is never pushed; who polls finds it. */
  readonly receiptLost: boolean;
  /** How often the receipt is pushed. */
  readonly receiptCopies: number;
  /** Whether the receipt is pushed before the submit is answered. */
  readonly receiptEarly: boolean;
  /** A second receipt so long after the first, such as one that contradicts it; 0 is none. */
  readonly secondStatus: number;
  readonly secondDelayMs: number;
};

/** A script for some recipients, or for a time: the next calls or texts that it fits. */
export type Rule = Partial<Script> & {
  readonly recipient?: string;
  readonly prefix?: string;
  /** For how many calls it holds. */
  readonly calls?: number;
  /** For how many texts it holds. */
  readonly texts?: number;
};

/** A provider that delivers everything at once. */
export const smooth: Script = {
  delayMs: 0,
  fault: "none",
  callStatus: 0,
  status: 0,
  receiptStatus: 1,
  receiptDelayMs: 50,
  receiptLost: false,
  receiptCopies: 1,
  receiptEarly: false,
  secondStatus: 0,
  secondDelayMs: 100,
};

/** How rules are chosen: by the number that a text goes to. */
export const ruling: Ruling<Script, Rule, string> = {
  callFields: ["delayMs", "fault", "callStatus"],
  fits: ({ recipient, prefix = "" }, to) => (recipient ?? to) === to && to.startsWith(prefix),
};

/** Takes a script apart that came as JSON; throws the sentence that names a mistake. */
export function readScript(value: unknown): Partial<Script> {
  return readFields(value, scriptChecks);
}

/** Takes a rule apart that came as JSON; throws the sentence that names a mistake. */
export function readRule(value: unknown): Rule {
  const rule = readFields(value, { ...scriptChecks, ...ruleChecks }) as Rule;
  return rule.recipient === undefined ? rule : { ...rule, recipient: bare(rule.recipient) };
}

/** The digits of a number, without what may stand before them. */
export function bare(number: string): string {
  return number.replace(/^(\+98|0098|98|0)(?=9\d{9}$)/, "98").replace(/^\+/, "");
}

const digits = (field: unknown) => typeof field === "string" && /^\+?\d{1,15}$/.test(field);
const code = whole(-1, 999);
const delay = whole(0, 7 * 24 * 3600 * 1000);

const scriptChecks = {
  delayMs: delay,
  fault: isFault,
  callStatus: code,
  status: code,
  receiptStatus: code,
  receiptDelayMs: delay,
  receiptLost: flag,
  receiptCopies: whole(1, 10),
  receiptEarly: flag,
  secondStatus: code,
  secondDelayMs: delay,
};

const ruleChecks = {
  recipient: digits,
  prefix: digits,
  calls: whole(1, 1_000_000_000),
  texts: whole(1, 1_000_000_000),
};
