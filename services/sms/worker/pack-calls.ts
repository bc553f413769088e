import type { ClaimedTask, ClaimedText } from "../operations/claim-tasks.ts";

/** A text of a call, and which task's it is. */
export type Packed = { readonly taskId: string; readonly text: ClaimedText };

/** What one call takes at most; a text that has more parts goes alone. */
export type CallSize = { readonly texts: number; readonly segments: number };

/** Packs the texts of tasks into calls, in order: small tasks share a call. */
export function packCalls(tasks: readonly ClaimedTask[], most: CallSize): Packed[][] {
  const calls: Packed[][] = [];
  let segments = Infinity;
  for (const { taskId, texts } of tasks)
    for (const text of texts) {
      segments += text.segments;
      const isFull = segments > most.segments || calls.at(-1)!.length === most.texts;
      if (isFull) {
        calls.push([]);
        segments = text.segments;
      }
      calls.at(-1)!.push({ taskId, text });
    }
  return calls;
}
