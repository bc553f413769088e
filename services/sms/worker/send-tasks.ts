import type { Sms } from "../context.ts";
import type { Lane } from "../domain/message.ts";
import type { ClaimedTask, ClaimedText } from "../operations/claim-tasks.ts";
import type { TaskOutcomes } from "../operations/record-outcomes.ts";
import type { Outcome } from "../providers/provider.ts";
import { type Breaker, tookNothing } from "./breaker.ts";
import type { LaneMetrics } from "./lane-metrics.ts";
import { packCalls, type Packed } from "./pack-calls.ts";
import type { Tokens } from "./tokens.ts";

/** What sends. */
export type Sender = Pick<Sms, "terms" | "provider" | "log"> & {
  readonly lane: Lane;
  readonly tokens: Tokens;
  readonly breaker: Breaker;
  readonly metrics: LaneMetrics;
};

/**
 * Hands the texts of taken tasks to the provider, and returns what became of each. It waits for
 * tokens, but calls nobody when the lease might end before the answer, nor once the provider has
 * taken nothing of a call: such texts have not left, and wait for their next attempt.
 */
export async function sendTasks(
  sender: Sender,
  tasks: readonly ClaimedTask[],
  claimedAtMs: number,
): Promise<TaskOutcomes[]> {
  const { provider, terms, tokens, breaker } = sender;
  const lastMs = claimedAtMs + terms.leaseMs - provider.caps.timeoutMs;
  const byMessage = new Map<string, Outcome>();
  const calledAtMs = new Map<string, number>(); // of each task, the last time
  const most = { texts: provider.caps.maxRecipients, segments: tokens.most };
  let heard: readonly Outcome[] = [];
  for (const call of packCalls(tasks, most)) {
    await tokens.take(call.reduce((sum, { text }) => sum + text.segments, 0));
    const isLate = performance.now() > lastMs;
    const isAllowed = !isLate && !tookNothing(heard);
    if (isAllowed) for (const { taskId } of call) calledAtMs.set(taskId, performance.now());
    const outcomes = isAllowed ? await submit(sender, call) : call.map(() => notSent);
    if (isAllowed) heard = outcomes;
    for (const [index, { text }] of call.entries())
      byMessage.set(text.messageId, outcomes[index] ?? lost);
  }
  const wasOpen = breaker.isOpen();
  breaker.end(heard);
  if (breaker.isOpen() && !wasOpen) warn(sender, heard);
  return tasks.map((task) => ({
    task,
    outcomes: task.texts.map(({ messageId }) => byMessage.get(messageId) ?? lost),
    calledAtMs: calledAtMs.get(task.taskId),
  }));
}

function warn({ provider, lane, log }: Sender, [first]: readonly Outcome[]): void {
  const code = first !== undefined && "code" in first ? first.code : "";
  const fields = { provider: provider.name, lane, reason: first?.kind, code };
  log.warn(fields, "the provider takes nothing, so the lane pauses");
}

async function submit(
  { provider, lane, metrics, log }: Sender,
  call: readonly Packed[],
): Promise<readonly Outcome[]> {
  const startMs = performance.now();
  const labels = { provider: provider.name, lane };
  const outcomes = await provider
    .submit(
      call.map(({ text }) => toOutgoing(text)),
      never,
    )
    .catch((error: unknown): readonly Outcome[] => {
      log.error({ err: error, provider: provider.name }, "an adapter of a provider failed");
      return call.map(() => lost);
    });
  metrics.submitSeconds.observe((performance.now() - startMs) / 1000, labels);
  for (const [index, { text }] of call.entries()) {
    const outcome = outcomes[index] ?? lost;
    metrics.outcomes.add({ ...labels, outcome: outcome.kind });
    const parts = outcome.kind === "ACCEPTED" ? outcome.parts : undefined;
    if (parts !== undefined && parts !== text.segments) metrics.mismatches.add(labels);
  }
  return outcomes;
}

function toOutgoing({ ref, receiver, sender, text }: ClaimedText) {
  return { ref, receiver, sender, text };
}

/** A call is not broken off: what is under way when a worker stops is waited for. */
const never = new AbortController().signal;

const notSent: Outcome = { kind: "NOT_SENT", code: "HELD_BACK" };
const lost: Outcome = { kind: "UNKNOWN", code: "NO_OUTCOME" };
