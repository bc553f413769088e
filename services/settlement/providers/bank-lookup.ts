import type { Fields } from "#mesh/fields.ts";
import type { Answer } from "#mesh/http-caller.ts";
import type { Found } from "./bank.ts";
import { amountIn, bankReferenceIn, readEntries, saidIn } from "./bank-answer.ts";

/** Reads what the bank knows of each reference; only a clear NOT_FOUND is one (PAY-3). */
export function lookupFindings(answer: Answer, refs: readonly string[]): readonly Found[] {
  const entries = readEntries(answer);
  if (entries.kind === "READ") return refs.map((ref) => findingOf(entries.of(ref)));
  const { code, text, raw } = entries;
  return refs.map(() => ({ kind: "NO_ANSWER", code, text, raw, bankReference: "" }));
}

function findingOf(entry: Fields | undefined): Found {
  const none = { kind: "NO_ANSWER", bankReference: "" } as const;
  if (entry === undefined) return { ...none, code: "NO_ENTRY", text: "", raw: "" };
  const said = saidIn(entry);
  const kind = kindOf(entry);
  const amountMinor = amountIn(entry);
  if (kind === undefined || amountMinor === "UNREADABLE")
    return { ...none, ...said, code: said.code || "UNREADABLE" };
  const bankReference = bankReferenceIn(entry);
  return { kind, bankReference, ...said, ...(amountMinor !== undefined && { amountMinor }) };
}

/** What the status of a payment means to us; undefined when it means nothing. */
export function kindOf({ status }: Fields): Exclude<Found["kind"], "NO_ANSWER"> | undefined {
  return kinds.get(status);
}

const kinds = new Map<unknown, Exclude<Found["kind"], "NO_ANSWER">>([
  ["COMPLETED", "SUCCEEDED"],
  ["ACCEPTED", "ACCEPTED"],
  ["FAILED", "FAILED"],
  ["RETURNED", "RETURNED"],
  ["NOT_FOUND", "NOT_FOUND"],
]);
