import type { ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { acceptsWith, answerWith } from "../fault.ts";
import type { Receipts } from "./receipts.ts";
import type { Script } from "./script.ts";
import { checkText, partsOf, readSubmit, type SubmittedText, textAnswer } from "./send.ts";
import type { State } from "./state.ts";
import type { StoredText } from "./store.ts";

/** A text with its script, its number when it is accepted, and Magfa's code for it. */
type Decided = {
  readonly text: SubmittedText;
  readonly script: Script;
  readonly status: number;
  readonly n: number;
  readonly atMs: number;
};

/** Takes submits: decides, writes down what is accepted, plans its receipts, answers. */
export function createSubmit(state: State, receipts: Receipts) {
  const hasRoom = createBucket();
  const decide = (text: SubmittedText, script: Script, atMs: number): Decided => {
    const { parts } = partsOf(text.text);
    const { balance, tariff, partsPerSecond } = state.settings;
    const price = parts * tariff;
    let status = script.status === 0 ? checkText(text) : script.status;
    if (status === 0 && !hasRoom(parts, partsPerSecond)) status = 23;
    if (status === 0 && balance < price) status = 14;
    const n = state.memory.nextNumber();
    if (status === 0) {
      state.memory.add({ ...text, text: text.text.slice(0, MOST_KEPT), n, atMs });
      state.settings = { ...state.settings, balance: balance - price };
    } else state.calls.refused[status] = (state.calls.refused[status] ?? 0) + 1;
    return { text, script, status, n, atMs };
  };
  const keep = async (accepted: readonly Decided[]) => {
    if (accepted.length === 0) return;
    await state.store?.append(accepted.map(toStored));
    const unpushed = accepted.filter(({ script }) => script.receiptLost).map(({ n }) => n);
    if (unpushed.length > 0) state.store?.settle(unpushed);
    for (const { n, script } of accepted) receipts.plan(n, script);
    await receipts.pushEarly(accepted);
  };
  return async (body: string, response: ServerResponse): Promise<void> => {
    const atMs = performance.timeOrigin + performance.now();
    state.calls.submits++;
    const submit = readSubmit(body);
    if (!("texts" in submit)) return answerWith(response, "none", refusal(submit.code));
    const { call, items: scripts } = state.settings.rules.plan(
      submit.texts.map(({ recipient }) => recipient),
    );
    const { fault, callStatus, delayMs } = call;
    const isAccepted = acceptsWith(fault) && callStatus === 0;
    const decided = isAccepted
      ? submit.texts.map((text, index) => decide(text, scripts[index]!, atMs))
      : [];
    await keep(decided.filter(({ status }) => status === 0));
    if (delayMs > 0) await sleep(delayMs, undefined, { ref: false });
    const answers = decided.map(({ text, status, n }) =>
      textAnswer(text, { status, mid: state.midOf(n), tariff: state.settings.tariff }),
    );
    const json = isAccepted
      ? `{"status":0,"messages":[${answers.join(",")}]}`
      : refusal(callStatus);
    await answerWith(response, fault, json);
  };
}

function toStored({ text, script, n, atMs }: Decided): StoredText {
  const { uid, recipient, sender } = text;
  const dueMs = atMs + script.receiptDelayMs;
  return { n, uid, recipient, sender, atMs, status: script.receiptStatus, dueMs };
}

/** Lets so many parts a second through, up to one second's worth at once. */
function createBucket(): (parts: number, perSecond: number | null) => boolean {
  let tokens = 0;
  let filledMs = -Infinity;
  return (parts, perSecond) => {
    if (perSecond === null) return true;
    const nowMs = performance.now();
    tokens = Math.min(perSecond, tokens + ((nowMs - filledMs) / 1000) * perSecond);
    filledMs = nowMs;
    if (tokens < parts) return false;
    tokens -= parts;
    return true;
  };
}

function refusal(code: number): string {
  return `{"status":${code},"messages":null}`;
}

const MOST_KEPT = 2000;
