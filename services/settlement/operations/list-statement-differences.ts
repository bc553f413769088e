import { fromPageToken, pageSize, toPageToken } from "#mesh/page.ts";
import type { Settlement } from "../context.ts";
import {
  type DifferenceFilter,
  listDifferences,
  type StoredDifference,
} from "../store/differences.ts";

/** One page of what statements and payouts do not agree on, the newest first. */
export async function listStatementDifferences(
  { db }: Pick<Settlement, "db">,
  filter: DifferenceFilter,
  page: { readonly pageSize: number; readonly pageToken: string },
): Promise<{ readonly differences: StoredDifference[]; readonly nextPageToken: string }> {
  const list = `differences/${JSON.stringify(filter)}`;
  const [before] = fromPageToken(page.pageToken, list) ?? [];
  const size = pageSize(page.pageSize);
  const beforeId = before === undefined ? undefined : Number(before);
  const found = await listDifferences(db.sql, filter, { beforeId, limit: size + 1 });
  const differences = found.slice(0, size);
  const last = String(differences.at(-1)?.id);
  const nextPageToken = found.length > size ? toPageToken([last], list) : "";
  return { differences, nextPageToken };
}
