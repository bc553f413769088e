import { asFields, type Fields } from "#mesh/fields.ts";
import type { Answer } from "#mesh/http-caller.ts";
import { callRefusalOf, refusalOf } from "./magfa-codes.ts";
import { asCode, asId, readObject } from "./magfa-json.ts";
import type { Outcome, OutgoingText } from "./provider.ts";

/** Writes a submit: one entry a text in each array. Numbers are written by hand: 64 bits. */
export function submitBody(texts: readonly OutgoingText[]): string {
  const arrays = {
    senders: texts.map(({ sender }) => sender),
    recipients: texts.map(({ receiver }) => receiver.slice(1)), // 98912…, without the plus
    messages: texts.map(({ text }) => text),
  };
  const uids = texts.map(({ ref }) => ref).join(",");
  return `${JSON.stringify(arrays).slice(0, -1)},"uids":[${uids}]}`;
}

/** Reads what became of each text. What can't be read may have been accepted (FO-1). */
export function submitOutcomes(answer: Answer, texts: readonly OutgoingText[]): readonly Outcome[] {
  if (answer.kind === "ANSWERED") return answeredOutcomes(answer, texts);
  const kind = answer.kind === "LOST" ? "UNKNOWN" : "NOT_SENT";
  return texts.map(() => ({ kind, code: answer.code }));
}

function answeredOutcomes(
  { status: http, body }: { readonly status: number; readonly body: string },
  texts: readonly OutgoingText[],
): readonly Outcome[] {
  const all = (outcome: Outcome) => texts.map(() => outcome);
  const isGood = http >= 200 && http < 300;
  const isRead = isGood || (http >= 400 && http < 500);
  const fields = isRead ? readObject(body) : undefined;
  const code = asCode(fields?.["status"]);
  if (code !== undefined && code !== "0") return all(callRefusalOf(code, texts.length));
  if (http === 401 || http === 403) return all({ kind: "PARK", code: `HTTP_${http}` });
  if (!isGood) return all({ kind: "UNKNOWN", code: `HTTP_${http}` });
  const messages = code === "0" ? fields?.["messages"] : undefined;
  if (!Array.isArray(messages)) return all({ kind: "UNKNOWN", code: "UNREADABLE" });
  const entryOf = matcher(messages.map(asFields), texts.length);
  return texts.map(({ ref }, index) => textOutcome(entryOf(ref, index)));
}

/** Finds the entry of a text by our reference; by its place only when no reference comes back. */
function matcher(entries: readonly (Fields | undefined)[], texts: number) {
  const byRef = new Map(entries.map((entry) => [asId(entry?.["userId"]), entry]));
  const isByPlace = entries.length === texts && byRef.size === 1 && byRef.has(undefined);
  return (ref: bigint, index: number) => (isByPlace ? entries[index] : byRef.get(`${ref}`));
}

function textOutcome(entry: Fields | undefined): Outcome {
  const code = asCode(entry?.["status"]);
  if (entry === undefined || code === undefined) return { kind: "UNKNOWN", code: "UNREADABLE" };
  if (code !== "0") return refusalOf(code);
  const providerId = asId(entry["id"]);
  if (providerId === undefined) return { kind: "UNKNOWN", code: "UNREADABLE" };
  const { parts, tariff } = entry;
  return {
    kind: "ACCEPTED",
    providerId,
    ...(typeof parts === "string" && /^\d{1,3}$/.test(parts) && { parts: Number(parts) }),
    ...(typeof tariff === "string" && /^\d{1,12}(\.\d{1,6})?$/.test(tariff) && { tariff }),
  };
}
