import { countParts } from "./parts.ts";
import { bare } from "./script.ts";

/** The texts of a submit, or Magfa's code for what is wrong with it. */
export type Submit =
  | { readonly code: number }
  | { readonly code: 0; readonly texts: readonly SubmittedText[] };

export type SubmittedText = {
  readonly uid: bigint | undefined;
  readonly recipient: string;
  readonly sender: string;
  readonly text: string;
};

/** Reads the body of a submit: arrays of equal length, or of one for sender and text. */
export function readSubmit(body: string): Submit {
  const fields = parse(body);
  if (fields === undefined) return { code: 31 };
  const { senders, recipients, messages, uids = [] } = fields;
  if (recipients === undefined || recipients.length === 0) return { code: 106 };
  if (recipients.length > MOST_RECIPIENTS) return { code: 107 };
  if (senders === undefined || senders.length === 0) return { code: 108 };
  const fits = (values: readonly string[] | undefined, least: number) =>
    values !== undefined && (values.length === recipients.length || values.length === least);
  if (!fits(messages, 1)) return { code: 101 };
  if (!fits(senders, 1)) return { code: 103 };
  if (!fits(uids, 0)) return { code: 110 };
  const texts = recipients.map((recipient, index) => ({
    uid: uids[index] === undefined ? undefined : BigInt(uids[index]),
    recipient: bare(recipient),
    sender: at(senders, index),
    text: at(messages, index),
  }));
  return { code: 0, texts };
}

function at(values: readonly string[] | undefined, index: number): string {
  return (values?.length === 1 ? values[0] : values?.[index]) ?? "";
}

/** What is wrong with one text by itself; 0 when nothing is. */
export function checkText({ recipient, text }: SubmittedText): number {
  if (!/^989\d{9}$/.test(recipient)) return 1;
  if (text === "") return 13;
  return partsOf(text).parts > MOST_PARTS ? 30 : 0;
}

let lastText = "";
let lastParts = countParts("");

/** Counts the parts of a text; that of the last call is remembered, since bulk repeats it. */
export function partsOf(text: string): ReturnType<typeof countParts> {
  if (text !== lastText) {
    lastParts = countParts(text);
    lastText = text;
  }
  return lastParts;
}

/** How Magfa answers for one text. */
export function textAnswer(
  { uid, recipient, text }: SubmittedText,
  outcome: { readonly status: number; readonly mid: string; readonly tariff: number },
): string {
  const user = uid === undefined ? "" : `"userId":${uid},`;
  if (outcome.status !== 0)
    return `{"status":${outcome.status},${user}"recipient":${JSON.stringify(recipient)}}`;
  const { parts, alphabet } = partsOf(text);
  const price = outcome.tariff.toFixed(2);
  return `{"status":0,"id":${outcome.mid},${user}"parts":${parts},"tariff":${price},"alphabet":"${alphabet}","recipient":"${recipient}"}`;
}

type Name = "senders" | "recipients" | "messages" | "uids";

/** The arrays of a body, with numbers as they were written: references have 64 bits. */
function parse(body: string): Partial<Record<Name, readonly string[]>> | undefined {
  try {
    const fields = parseJson(body, asWritten) as Record<Name, unknown>;
    const names = ["senders", "recipients", "messages", "uids"] as const;
    const sound = names.every((name) => fields[name] === undefined || isTexts(fields[name]));
    const uids = fields.uids as readonly string[] | undefined;
    if (!sound || uids?.some((uid) => !/^\d{1,19}$/.test(uid)) === true) return undefined;
    return fields as Record<Name, readonly string[]>;
  } catch {
    return undefined;
  }
}

/** TypeScript does not know the third argument yet: a value as it was written. */
const parseJson = JSON.parse as (text: string, reviver: Reviver) => unknown;
const asWritten: Reviver = (_key, value, { source }) =>
  typeof value === "number" ? source : value;
type Reviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown;

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}

const MOST_RECIPIENTS = 100;
const MOST_PARTS = 265;
