import { transaction } from "#mesh/database/transaction.ts";
import { newId } from "#mesh/ids.ts";
import type { Sms } from "../context.ts";
import type { OutgoingText } from "../providers/provider.ts";
import { type ChunkTexts, readChunks } from "../store/chunks.ts";
import { type OutgoingRow, readOutgoing, readWhereabouts } from "../store/outgoing-texts.ts";
import type { Tx } from "../store/tables.ts";
import {
  lockQueued,
  placeTasks,
  splitTasks,
  takeTasks,
  type Task,
  type TaskShare,
} from "../store/tasks.ts";
import { advanceMessages } from "./advance-messages.ts";
import { goalOfState } from "./goal-of-state.ts";
import { moveTasks } from "./move-tasks.ts";

/** A task that was taken, with what is to be sent of it. */
export type ClaimedTask = {
  readonly taskId: string;
  readonly chunkId: string;
  /** Which attempt it is: the proof that nobody took it since. */
  readonly attempt: number;
  readonly texts: readonly ClaimedText[];
};

/** A text to send, and what it is of. */
export type ClaimedText = OutgoingText & {
  readonly messageId: string;
  readonly segments: number;
  /** How long it has waited since it was queued, and how long it may still be sent. */
  readonly waitedMs: number;
  readonly leftMs: number;
};

/** What was taken, and which of the tasks were too many and are still queued. */
export type Claim = {
  readonly tasks: readonly ClaimedTask[];
  readonly left: readonly string[];
};

type Needed = Pick<Sms, "db" | "terms" | "currency" | "provider">;

/**
 * Takes tasks for an attempt, up to about a number of texts and at least one task: their messages
 * are SENDING when this has committed, so that no crash leads to a second submit (FO-2). What is
 * past its validity expires instead (SCH-2). Tasks that are not queued any more are skipped.
 */
export async function claimTasks(
  sms: Needed,
  taskIds: readonly string[],
  maxTexts: number,
): Promise<Claim> {
  return transaction(sms.db, async (tx) => {
    const queued = await lockQueued(tx, taskIds);
    if (queued.length === 0) return { tasks: [], left: [] };
    const chunks = await readChunks(tx, [...new Set(queued.map(({ chunkId }) => chunkId))]);
    const chosen = chooseTasks(queued, chunks, maxTexts);
    const tasks = await take(sms, tx, chosen, chunks);
    return { tasks, left: queued.slice(chosen.length).map(({ id }) => id) };
  });
}

type Chosen = { readonly task: Task; readonly messageIds: readonly string[] };

function chooseTasks(
  queued: readonly Task[],
  chunks: ReadonlyMap<string, ChunkTexts>,
  maxTexts: number,
): Chosen[] {
  const chosen: Chosen[] = [];
  let texts = 0;
  for (const task of queued) {
    const messageIds = task.messageIds ?? chunks.get(task.chunkId)?.messageIds ?? [];
    texts += messageIds.length;
    if (texts > maxTexts && chosen.length > 0) break;
    chosen.push({ task, messageIds });
  }
  return chosen;
}

async function take(
  sms: Needed,
  tx: Tx,
  chosen: readonly Chosen[],
  chunks: ReadonlyMap<string, ChunkTexts>,
): Promise<ClaimedTask[]> {
  const input = { kind: "TAKEN", provider: sms.provider.name } as const;
  const moved = await advanceMessages(
    sms,
    tx,
    chosen.flatMap(({ task: { chunkId }, messageIds }) =>
      messageIds.map((messageId) => ({ messageId, chunkId, input })),
    ),
  );
  const taken = moved.filter(({ state }) => state === "SENDING");
  const takenIds = taken.map(({ messageId }) => messageId);
  const rows = takenIds.length === 0 ? [] : await readOutgoing(tx, takenIds);
  const byId = new Map(rows.map((row) => [row.messageId, row]));
  const tasks = chosen.map(({ task, messageIds }) => ({
    taskId: task.id,
    chunkId: task.chunkId,
    attempt: task.attempt + 1,
    texts: messageIds.flatMap((id) => toText(byId.get(id), chunks)),
  }));
  const claimed = tasks.filter(({ texts }) => texts.length > 0);
  await takeTasks(
    tx,
    claimed.map(({ taskId }) => taskId),
    { provider: sms.provider.name, leaseMs: sms.terms.leaseMs },
  );
  await moveIdle(
    sms,
    tx,
    chosen.filter((_, index) => tasks[index]!.texts.length === 0),
  );
  await partSent(sms, tx, chosen, new Set(takenIds));
  return claimed;
}

/** Gives what was sent after all a task of its own, so that the attempt of the rest loses none. */
async function partSent(
  { terms }: Needed,
  tx: Tx,
  chosen: readonly Chosen[],
  taken: ReadonlySet<string>,
): Promise<void> {
  const parted = chosen.flatMap(({ task: { id: taskId }, messageIds }) => {
    const own = messageIds.filter((id) => taken.has(id));
    const others = messageIds.filter((id) => !taken.has(id));
    return own.length === 0 || others.length === 0 ? [] : [{ taskId, own, others }];
  });
  if (parted.length === 0) return;
  const found = await readWhereabouts(
    tx,
    parted.flatMap(({ others }) => others),
  );
  const taking = goalOfState("SENDING", terms, { queuedMs: 0 })!;
  const sent = goalOfState("SENT", terms, { queuedMs: 0 })!;
  const isSent = (id: string) => {
    const state = found.get(id)?.state;
    return state !== undefined && goalOfState(state, terms, { queuedMs: 0 })?.stage === "SENT";
  };
  const rests: TaskShare[] = [];
  const made: (TaskShare & { id: string })[] = [];
  for (const { taskId, own, others } of parted) {
    const messageIds = others.filter(isSent);
    if (messageIds.length === 0) continue;
    rests.push({ taskId, ...taking, messageIds: own });
    made.push({ id: newId(), taskId, ...sent, messageIds });
  }
  await splitTasks(tx, made);
  await placeTasks(tx, rests);
}

/** Moves tasks that had nothing queued: as a rule it has expired, and they are done with. */
async function moveIdle({ terms }: Needed, tx: Tx, idle: readonly Chosen[]): Promise<void> {
  if (idle.length === 0) return;
  const ids = idle.flatMap(({ messageIds }) => messageIds);
  const found = await readWhereabouts(tx, ids);
  const goalOf = (id: string) => {
    const state = found.get(id)?.state;
    return state && goalOfState(state, terms, { queuedMs: terms.requeueMs });
  };
  await moveTasks(
    tx,
    idle.map(({ task, messageIds }) => ({ taskId: task.id, messageIds, goalOf })),
  );
}

function toText(
  row: OutgoingRow | undefined,
  chunks: ReadonlyMap<string, ChunkTexts>,
): ClaimedText[] {
  if (row === undefined) return [];
  const { chunkId, textNumber, ...text } = row;
  return [{ ...text, text: chunks.get(chunkId)?.texts[textNumber] ?? "" }];
}
