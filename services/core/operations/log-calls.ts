import type { CallEntry } from "#mesh/call-buffer.ts";
import type { Core } from "../context.ts";
import { insertRequestLogs } from "../store/request-logs.ts";

/** Writes calls of core into the request log, each once. */
export async function logCalls(
  { db }: Pick<Core, "db">,
  entries: readonly CallEntry[],
): Promise<void> {
  await insertRequestLogs(
    db.sql,
    entries.map((entry) => ({ ...entry, service: "core" })),
  );
}
