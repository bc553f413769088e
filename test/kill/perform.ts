import { setTimeout as delay } from "node:timers/promises";
import { ConnectError } from "@connectrpc/connect";
import { isDecision, reasonOf } from "#mesh/errors.ts";
import type { HistoryEvent } from "./history.ts";

/** Something that a client wants to have happened once. */
export type Action = {
  readonly key: string;
  readonly kind: string;
  readonly effect: string;
  /** Asks for it; answers with the part of the reply that is the same for every retry. */
  readonly ask: (signal: AbortSignal) => Promise<Answer>;
};

/** What a call answered: done, or refused for good. */
export type Answer = { readonly done: boolean; readonly reply: string };

/** Where the attempts are written down. */
export type Journal = { readonly events: HistoryEvent[]; readonly problems: Set<string> };

/**
 * Asks with the same key until the answer is known, as a real client does, and writes every attempt
 * down. Gives up, with the outcome unknown, when nobody decides in time.
 */
export async function perform(action: Action, journal: Journal): Promise<Answer | undefined> {
  const endMs = performance.now() + GIVE_UP_MS;
  for (let tries = 1; performance.now() < endMs; tries++) {
    const answer = await attempt(action, journal);
    if (answer !== undefined) return answer;
    await delay(Math.min(20 * 2 ** tries, 500));
  }
  journal.problems.add(`${action.kind} was not decided within ${GIVE_UP_MS / 1000} s`);
  return undefined;
}

/** Asks once; nothing is known afterwards when there is no answer. */
export async function attempt(action: Action, journal: Journal): Promise<Answer | undefined> {
  const { key, kind, effect, ask } = action;
  const note = (type: HistoryEvent["type"], rest: Pick<HistoryEvent, "reply" | "problem"> = {}) =>
    journal.events.push({ type, key, kind, effect, atMs: performance.now(), ...rest });
  note("invoke");
  try {
    const answer = await ask(AbortSignal.timeout(CALL_MS));
    note(answer.done ? "ok" : "fail", { reply: answer.reply });
    return answer;
  } catch (error) {
    const reason = reasonOf(error) ?? ConnectError.from(error).rawMessage;
    if (!isDecision(error)) {
      note("info", { problem: reason.slice(0, 60) });
      return undefined;
    }
    note("fail", { reply: reason });
    return { done: false, reply: reason };
  }
}

/** How long one attempt may take. */
const CALL_MS = 5000;

/** How long a client keeps asking: twice what frees the key of a text that was given up (MON-4). */
const GIVE_UP_MS = 60_000;
