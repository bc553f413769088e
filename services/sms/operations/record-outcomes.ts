import { transaction } from "#mesh/database/transaction.ts";
import type { Sms } from "../context.ts";
import type { Input } from "../domain/inputs.ts";
import { retryDelayMs } from "../domain/retry-delay.ts";
import type { Outcome } from "../providers/provider.ts";
import { countRetries } from "../store/message-moves.ts";
import { readWhereabouts } from "../store/outgoing-texts.ts";
import { noteCalls } from "../store/note-calls.ts";
import type { Tx } from "../store/tables.ts";
import { lockTasks, type Task } from "../store/tasks.ts";
import { type Advance, advanceMessages } from "./advance-messages.ts";
import type { ClaimedTask } from "./claim-tasks.ts";
import { goalOfState } from "./goal-of-state.ts";
import { moveTasks } from "./move-tasks.ts";

/** What the provider said of a task: one outcome for each of its texts, in order. */
export type TaskOutcomes = {
  readonly task: ClaimedTask;
  readonly outcomes: readonly Outcome[];
  /** When its last call began, as performance.now() says; without it, it may be just now. */
  readonly calledAtMs?: number | undefined;
};

type Needed = Pick<Sms, "db" | "terms" | "currency" | "log">;

/**
 * Writes what became of texts, each judged for itself (FO-6). An attempt that is not the task's
 * last any more says nothing but that a text was accepted: all else may have changed since. It may
 * be recorded again when nobody knows whether it was.
 */
export async function recordOutcomes(sms: Needed, all: readonly TaskOutcomes[]): Promise<void> {
  const doubted = all.filter(({ outcomes }) => outcomes.some(({ kind }) => kind === "UNKNOWN"));
  const nowMs = performance.now();
  const calls = doubted.map(({ task: { taskId, attempt }, calledAtMs = nowMs }) => {
    return { taskId, attempt, agoMs: nowMs - calledAtMs };
  });
  await transaction(sms.db, async (tx) => {
    const tasks = await lockTasks(
      tx,
      all.map(({ task }) => task.taskId),
    );
    await noteCalls(tx, calls);
    const byId = new Map(tasks.map((task) => [task.id, task]));
    const results = all.map((one) => ({ ...one, row: currentRow(byId, one.task) }));
    const advances = await toAdvances(sms, tx, results);
    const moved = await advanceMessages(sms, tx, advances);
    const states = new Map(moved.map(({ messageId, state }) => [messageId, state]));
    const current = results.filter(({ row }) => row !== undefined);
    const ids = current.flatMap(({ task }) => task.texts.map(({ messageId }) => messageId));
    const unmoved = ids.filter((id) => !states.has(id));
    if (unmoved.length > 0)
      for (const [id, { state }] of await readWhereabouts(tx, unmoved)) states.set(id, state);
    await moveTasks(
      tx,
      current.map(({ task: { taskId, texts, attempt } }) => {
        const left = texts.map(({ leftMs }) => Math.ceil(leftMs)); // what can't go has to expire
        const queuedMs = Math.min(retryDelayMs(sms.terms.retryMs, attempt - 1), ...left);
        return {
          taskId,
          messageIds: texts.map(({ messageId }) => messageId),
          goalOf: (id) => goalOfState(states.get(id)!, sms.terms, { queuedMs }),
        };
      }),
    );
  });
}

type Result = TaskOutcomes & { readonly row: Task | undefined };

/** The task if the attempt is its last one and still under way. */
function currentRow(rows: ReadonlyMap<string, Task>, task: ClaimedTask): Task | undefined {
  const row = rows.get(task.taskId);
  return row?.stage === "SENDING" && row.attempt === task.attempt ? row : undefined;
}

async function toAdvances(sms: Needed, tx: Tx, results: readonly Result[]): Promise<Advance[]> {
  const judged = results.flatMap(({ task, outcomes, row }) =>
    task.texts.flatMap(({ messageId }, index) => {
      const outcome = outcomes[index]!;
      if (row === undefined && outcome.kind !== "ACCEPTED") return [];
      return [{ messageId, chunkId: task.chunkId, outcome }];
    }),
  );
  const unlisted = judged.filter(({ outcome }) => outcome.kind === "UNLISTED");
  const ids = unlisted.map(({ messageId }) => messageId);
  const past = await countRetries(tx, ids, "UNLISTED");
  const advances = judged.map(({ messageId, chunkId, outcome }) => ({
    messageId,
    chunkId,
    input: toInput(outcome, past.get(messageId) ?? 0),
    detail: "code" in outcome ? `${outcome.kind} ${outcome.code}` : "",
  }));
  report(sms, advances);
  return advances;
}

/**
 * Of what may be tried again, only a code that nobody knows is counted: once (PROV-2). A provider
 * that is busy or away, or our account there, must not fail a customer's message: it waits for its
 * whole validity (ROUTE-5, PROV).
 */
function toInput(outcome: Outcome, pastUnlisted: number): Input {
  switch (outcome.kind) {
    case "ACCEPTED":
      return { ...outcome, kind: "SENT" };
    case "PERMANENT_MESSAGE":
      return { kind: "REFUSED", failure: outcome.failure };
    case "PERMANENT_REQUEST":
      return { kind: "REFUSED", failure: "INTERNAL" };
    case "UNLISTED":
      return pastUnlisted === 0 ? { kind: "PUT_BACK" } : rejected;
    case "UNKNOWN":
      return { kind: "UNKNOWN" };
    default:
      return { kind: "PUT_BACK" };
  }
}

const rejected: Input = { kind: "REFUSED", failure: "PROVIDER_REJECTED" };

/** Messages that fail for what no customer did: somebody has to look (PROV-2). */
function report({ log }: Needed, advances: readonly Advance[]): void {
  const ours = advances.filter(({ input }) => {
    const failure = input.kind === "REFUSED" ? input.failure : undefined;
    return failure === "INTERNAL" || failure === "PROVIDER_REJECTED";
  });
  for (const [detail, failed] of Map.groupBy(ours, (one) => one.detail)) {
    const first = failed[0]!.messageId;
    log.error({ detail, count: failed.length, message_id: first }, "the provider refuses texts");
  }
}
