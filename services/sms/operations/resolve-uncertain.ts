import { transaction } from "#mesh/database/transaction.ts";
import type { Looked } from "#mesh/events/waker.ts";
import { LOOKUP_LEASE_MS, LOOKUP_MS, MAX_RESOLVED_TASKS } from "#mesh/limits.ts";
import type { Sms } from "../context.ts";
import type { Input } from "../domain/inputs.ts";
import type { Lane, MessageState } from "../domain/message.ts";
import { retryDelayMs } from "../domain/retry-delay.ts";
import type { Found, SmsProvider } from "../providers/provider.ts";
import { askTasks, hasDue, lockDue, lockTasks, type Task } from "../store/tasks.ts";
import type { Tx } from "../store/tables.ts";
import { type Advance, advanceMessages } from "./advance-messages.ts";
import { goalOfState } from "./goal-of-state.ts";
import { moveTasks, type TaskGoal } from "./move-tasks.ts";
import { queueMoved } from "./queue-moved.ts";
import { type TaskMembers, taskMembers } from "./task-members.ts";

type Needed = Pick<Sms, "db" | "terms" | "currency" | "provider" | "metrics">;

/**
 * Asks the provider what became of messages that nobody knows it of, by our references (FO-3):
 * what is found was sent; what is not found twice is queued again, or expires (FO-4); what can't
 * be found out in time has failed (MON-6). Tells whether there may be more.
 */
export async function resolveUncertain(
  sms: Needed,
  lane: Lane,
  signal: AbortSignal,
): Promise<Looked> {
  if (!(await hasDue(sms.db, { stage: "UNCERTAIN", lane }))) return undefined;
  const questions = await transaction(sms.db, async (tx) => claimQuestions(tx, lane));
  if (questions.length === 0) return undefined;
  const answers = await ask(sms, questions, signal);
  await transaction(sms.db, async (tx) => record(sms, tx, answers));
  return questions.length === MAX_RESOLVED_TASKS;
}

/** Nobody else asks about a task until its time is over, and no answer counts afterwards. */
async function claimQuestions(tx: Tx, lane: Lane): Promise<TaskMembers[]> {
  const due = await lockDue(tx, { stage: "UNCERTAIN", lane }, MAX_RESOLVED_TASKS);
  if (due.length === 0) return [];
  await askTasks(
    tx,
    due.map(({ id }) => id),
    LOOKUP_LEASE_MS,
  );
  return taskMembers(tx, due);
}

/** What the provider says of the uncertain messages of a task; GIVEN_UP when it was not asked. */
type Answered = TaskMembers & { readonly found: ReadonlyMap<string, Found | "GIVEN_UP"> };

async function ask(
  { provider, terms, metrics }: Needed,
  questions: readonly TaskMembers[],
  signal: AbortSignal,
): Promise<Answered[]> {
  const isLate = ({ takenAgoMs }: Task) => takenAgoMs >= terms.unknownOutcomeMs;
  const open = questions
    .filter(({ task }) => !isLate(task))
    .flatMap(({ messages }) => messages.filter(isUncertain));
  const answers = await lookup(
    provider,
    open.map(({ ref }) => ref),
    AbortSignal.any([signal, AbortSignal.timeout(LOOKUP_MS)]),
  );
  const byId = new Map(open.map(({ messageId }, index) => [messageId, answers[index]!]));
  const counter = metrics.counter(
    "mizan_sms_lookups_total",
    "What providers answered when they were asked for uncertain messages.",
  );
  for (const { kind } of answers) counter.add({ provider: provider.name, answer: kind });
  return questions.map((question) => {
    const found = question.messages
      .filter(isUncertain)
      .map(({ messageId }) => [messageId, byId.get(messageId) ?? "GIVEN_UP"] as const);
    return { ...question, found: new Map(found) };
  });
}

const isUncertain = ({ state }: { readonly state: MessageState }) => state === "UNCERTAIN";

async function lookup(
  { caps, ...provider }: SmsProvider,
  refs: readonly bigint[],
  signal: AbortSignal,
): Promise<Found[]> {
  const found: Found[] = [];
  for (let at = 0; at < refs.length; at += caps.maxLookups)
    found.push(...(await provider.lookup(refs.slice(at, at + caps.maxLookups), signal)));
  return found;
}

async function record(sms: Needed, tx: Tx, answers: readonly Answered[]): Promise<void> {
  const rows = await lockTasks(
    tx,
    answers.map(({ task }) => task.id),
  );
  const byId = new Map(rows.map((row) => [row.id, row]));
  const current = answers.filter(({ task }) => isSame(task, byId.get(task.id)));
  const moved = await advanceMessages(
    sms,
    tx,
    current.flatMap((one) => toAdvances(one, sms)),
  );
  const states = new Map(moved.map(({ messageId, state }) => [messageId, state]));
  const tasks = await moveTasks(
    tx,
    current.map((one) => {
      const before = new Map(one.messages.map(({ messageId, state }) => [messageId, state]));
      const stateOf = (id: string) => states.get(id) ?? before.get(id)!;
      return {
        taskId: one.task.id,
        messageIds: [...before.keys()],
        goalOf: (messageId) => goalOf(one, sms, { messageId, state: stateOf(messageId) }),
      };
    }),
  );
  await queueMoved(sms, tx, tasks, current);
}

/** Whether a task is still at the question that was asked. */
function isSame(before: Task, now: Task | undefined): boolean {
  const { stage, attempt, asked } = before;
  return now?.stage === stage && now.attempt === attempt && now.asked === asked + 1;
}

function toAdvances({ task, found }: Answered, { provider }: Needed): Advance[] {
  const counted = task.notFound + (counts(task, provider) ? 1 : 0);
  return [...found].flatMap(([messageId, answer]) => {
    const input = toInput(answer, counted);
    return input === undefined ? [] : [{ messageId, chunkId: task.chunkId, input }];
  });
}

function toInput(answer: Found | "GIVEN_UP", notFound: number): Input | undefined {
  if (answer === "GIVEN_UP") return { kind: "GIVEN_UP" };
  if (answer.kind === "FOUND") return { kind: "SENT", providerId: answer.providerId };
  return answer.kind === "NOT_FOUND" && notFound >= TIMES_NOT_FOUND
    ? { kind: "NOT_FOUND" }
    : undefined;
}

/**
 * FO-4: before the time of a submit is over it may still arrive, so "not found" says nothing. An
 * attempt in doubt was taken when its call began; without an answer its whole lease has passed.
 */
function counts({ takenAgoMs }: Task, { caps }: SmsProvider): boolean {
  return takenAgoMs >= caps.timeoutMs;
}

const TIMES_NOT_FOUND = 2;

/** Where a message of a question goes on. */
function goalOf(
  { task, found }: Answered,
  { terms, provider }: Needed,
  { messageId, state }: { readonly messageId: string; readonly state: MessageState },
): TaskGoal | undefined {
  if (state !== "UNCERTAIN") return goalOfState(state, terms, { queuedMs: terms.requeueMs });
  const { notFound } = task;
  const asked = task.asked + 1;
  const firstMs = terms.askAgainMs[task.lane];
  const answer = found.get(messageId);
  if (typeof answer === "object" && answer.kind === "NOT_FOUND" && counts(task, provider))
    return { stage: "UNCERTAIN", dueInMs: firstMs, asked, notFound: notFound + 1 };
  return { stage: "UNCERTAIN", dueInMs: retryDelayMs(firstMs, task.asked), asked, notFound };
}
