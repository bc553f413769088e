import type { Connection } from "#mesh/database/connection.ts";
import { failpoint } from "#mesh/failpoint.ts";
import { LOADED_BATCHES } from "#mesh/limits.ts";
import { type JournalRow, readJournal } from "../store/journal.ts";
import { type Applied, applyRow, JournalError, type Memory } from "./memory.ts";

/** Reads the journal after a batch up to another, some batches at a time. Throws where one is missing. */
export async function* journalBetween(
  connection: Connection,
  {
    shard,
    after,
    until,
  }: { readonly shard: number; readonly after: number; readonly until: number },
): AsyncGenerator<JournalRow> {
  for (let last = after; last < until;) {
    const end = Math.min(until, last + LOADED_BATCHES);
    const rows = await readJournal(connection, { shard, after: last, until: end });
    yield* rows;
    if (rows.length < end - last) {
      const missing = rows.findIndex(({ batch }, at) => batch !== last + 1 + at);
      const first = last + 1 + (missing < 0 ? rows.length : missing);
      throw new JournalError(`batch ${first} of the journal is missing`);
    }
    last = end;
  }
}

/** Applies the journal to memory up to a batch. */
export async function follow(
  connection: Connection,
  memory: Memory,
  { shard, until, applied }: { readonly shard: number; readonly until: number; applied: Applied },
): Promise<void> {
  if (until < memory.batch) throw new JournalError(`the journal went back to batch ${until}`);
  const rows = journalBetween(connection, { shard, after: memory.batch, until });
  for await (const row of rows) {
    await failpoint("matching.replay");
    applyRow(memory, row, applied);
  }
}
