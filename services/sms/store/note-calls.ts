import { sql } from "kysely";
import type { Tx } from "./tables.ts";

/**
 * Notes when the calls of attempts in doubt truly began, so that the time of a submit counts from
 * there (FO-4): a worker may wait for its turn after it has taken a task.
 */
export async function noteCalls(
  tx: Tx,
  calls: readonly { readonly taskId: string; readonly attempt: number; readonly agoMs: number }[],
): Promise<void> {
  if (calls.length === 0) return;
  const ids = calls.map(({ taskId }) => taskId);
  await sql`
    update task t set taken_at = now() - c.ago_ms * interval '1 ms'
    from unnest(${ids}::uuid[], ${calls.map(({ attempt }) => attempt)}::int[],
      ${calls.map(({ agoMs }) => agoMs)}::float8[]) as c (id, attempt, ago_ms)
    where t.id = c.id and t.id = any(${ids}::uuid[])
      and t.stage = 'SENDING' and t.attempt = c.attempt`.execute(tx);
}
