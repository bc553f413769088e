import type { CallEntry } from "#mesh/call-buffer.ts";
import type { Settlement } from "../context.ts";
import { callsLogged } from "../events.ts";

/** Hands calls of settlement over to the request log, which core keeps: in one event. */
export async function logCalls(
  { db }: Pick<Settlement, "db">,
  entries: readonly CallEntry[],
): Promise<void> {
  await callsLogged(db.sql, entries);
}
