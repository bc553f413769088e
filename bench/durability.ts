import { openConnection } from "#mesh/database/connection.ts";

/** What commits are made of in a database, for a report. */
export async function durabilityOf(url: string): Promise<string> {
  await using connection = await openConnection({ url, name: "bench" });
  const [row] = await connection.query<{ text: string }>(
    `select format('PostgreSQL %s, fsync %s, synchronous_commit %s', current_setting('server_version'),
      current_setting('fsync'), current_setting('synchronous_commit')) as text`,
  );
  return row!.text;
}
