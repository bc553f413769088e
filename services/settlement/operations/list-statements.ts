import { fromPageToken, pageSize, toPageToken } from "#mesh/page.ts";
import type { Settlement } from "../context.ts";
import { listStatements as readStatements, type StoredStatement } from "../store/statements.ts";

/** One page of statements, the newest first; of one provider, or of all for an empty name. */
export async function listStatements(
  { db }: Pick<Settlement, "db">,
  page: { readonly provider: string; readonly pageSize: number; readonly pageToken: string },
): Promise<{ readonly statements: StoredStatement[]; readonly nextPageToken: string }> {
  const { provider } = page;
  const list = `statements/${provider}`;
  const [beforeId] = fromPageToken(page.pageToken, list) ?? [];
  const size = pageSize(page.pageSize);
  const found = await readStatements(db.sql, { provider, beforeId }, size + 1);
  const statements = found.slice(0, size);
  const nextPageToken = found.length > size ? toPageToken([statements.at(-1)!.id], list) : "";
  return { statements, nextPageToken };
}
