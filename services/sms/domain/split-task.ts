/** Where messages of a task go on; undefined when they have ended. */
export type Goal<S extends string> = {
  readonly stage: S;
  readonly dueInMs: number;
  readonly asked: number;
  readonly notFound: number;
};

/** Messages of a task that go the same way. */
type Share<S extends string> = {
  readonly goal: Goal<S>;
  readonly messageIds: readonly string[];
};

/** What becomes of a task. */
export type Split<S extends string> = {
  /** What most of its messages do; undefined when all have ended. */
  readonly rest: Share<S> | undefined;
  /** What others do, each group in a task of its own. */
  readonly others: readonly Share<S>[];
};

/**
 * Divides the messages of a task by where they go on (FO-6). The largest group keeps the task, so
 * that a chunk that goes well stays one row.
 */
export function splitTask<S extends string>(
  messageIds: readonly string[],
  goalOf: (messageId: string) => Goal<S> | undefined,
): Split<S> {
  const groups = new Map<string, { goal: Goal<S>; messageIds: string[] }>();
  for (const id of messageIds) {
    const goal = goalOf(id);
    if (goal === undefined) continue;
    const { stage, dueInMs, asked, notFound } = goal;
    const key = `${stage} ${dueInMs} ${asked} ${notFound}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { goal, messageIds: [id] });
    else group.messageIds.push(id);
  }
  const [rest, ...others] = [...groups.values()].toSorted(
    (left, right) => right.messageIds.length - left.messageIds.length,
  );
  return { rest, others };
}
