/** What a client did, in order: TESTPLAN's invoke, ok, fail (refused for good), info (unknown). */
export type History = readonly HistoryEvent[];

/** One line of a history. */
export type HistoryEvent = {
  readonly type: "invoke" | "ok" | "fail" | "info";
  /** The idempotency key or client-made id; its retries carry the same. */
  readonly key: string;
  readonly kind: string;
  readonly atMs: number;
  /** What the operation leaves behind when it happens, by the name that a snapshot gives it. */
  readonly effect: string;
  /** The part of the answer that has to be the same for every retry. */
  readonly reply?: string;
  /** Why the outcome is unknown. */
  readonly problem?: string;
};

/** All that is known of one key. */
export type Operation = {
  readonly key: string;
  readonly kind: string;
  readonly effect: string;
  readonly invokedMs: number;
  /** When the first acknowledgement came; absent while there is none. */
  ackedMs?: number;
  /** Whether the operation was refused for good. */
  refused: boolean;
  readonly replies: string[];
};

/** Gathers the attempts of each key. */
export function operationsOf(history: History): Map<string, Operation> {
  const operations = new Map<string, Operation>();
  for (const { type, key, kind, effect, atMs, reply } of history) {
    const known = operations.get(key);
    const operation = known ?? { key, kind, effect, invokedMs: atMs, refused: false, replies: [] };
    operations.set(key, operation);
    if (type === "ok") operation.ackedMs ??= atMs;
    if (type === "fail") operation.refused = true;
    if (reply !== undefined) operation.replies.push(`${type} ${reply}`);
  }
  return operations;
}

/** Counts what came of the attempts, one line for each kind and for each problem. */
export function summaryOf(history: History): string[] {
  const counts = new Map<string, number>();
  for (const { type, kind, problem } of history) {
    if (type === "invoke") continue;
    const outcome = type === "info" ? `unknown: ${problem}` : `${type} ${kind}`;
    counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  }
  return [...counts]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([outcome, count]) => `${String(count).padStart(7)} ${outcome}`);
}
