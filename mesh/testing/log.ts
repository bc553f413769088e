import { createLog, type Log } from "../log.ts";

/** A log whose records a test can read. */
export type TestLog = Log & { readonly records: Record<string, unknown>[] };

/** Makes a log that keeps its records, from debug on. */
export function testLog(): TestLog {
  const records: Record<string, unknown>[] = [];
  const write = (line: string) => records.push(JSON.parse(line) as Record<string, unknown>);
  return { ...createLog({ name: "test", level: "debug", to: { write } }), records };
}
