import { openConnection } from "#mesh/database/connection.ts";

/** Reads the events that the consumers of a service gave up. */
export async function readDeadLetters(url: string): Promise<string[]> {
  await using connection = await openConnection({ url, name: "kill test" });
  const letters = await connection.query<{ consumer: string; subject: string; error: string }>(
    "SELECT consumer, subject, error FROM dead_letter ORDER BY created_at",
  );
  return letters.map(({ consumer, subject, error }) => `${consumer} gave up ${subject}: ${error}`);
}
