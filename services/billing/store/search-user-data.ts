import { sql } from "kysely";
import type { Database } from "#mesh/database/connect.ts";
import { MAX_SCANNED_ENTRIES, MAX_SEARCHES } from "#mesh/limits.ts";
import type { Id } from "../domain/account.ts";
import type { Within } from "./near-first.ts";
import type { Tables } from "./tables.ts";

/**
 * Finds the times of the transfers with some user data, newest first. Their index knows stretches of
 * pages that have none, but no order: so month by month is asked for all, and of one that has too
 * many for one answer less is asked for. After a number of questions the look ends where it is.
 */
export async function searchUserData(
  db: Database<Tables>,
  search: { readonly userData: Id; readonly code?: number | undefined },
  { fromUs, beforeUs, limit }: Within,
) {
  const atsUs: number[] = [];
  let [endUs, spanUs] = [beforeUs, MONTH_US];
  for (let asked = 0; endUs > fromUs && atsUs.length < limit; asked += 1) {
    if (asked === MAX_SEARCHES) return { atsUs, seenToUs: endUs };
    const startUs = Math.max(fromUs, endUs - spanUs);
    const found = await findSome(db, search, startUs, endUs);
    if (found.length > MAX_SCANNED_ENTRIES) {
      spanUs = Math.ceil(Math.min(spanUs, endUs - startUs) / 4);
    } else {
      atsUs.push(...found.toSorted((one, other) => other - one));
      endUs = startUs;
      spanUs = Math.min(spanUs * 2, MONTH_US);
    }
  }
  return { atsUs: atsUs.slice(0, limit), seenToUs: undefined };
}

const MONTH_US = 31 * 24 * 3600 * 1_000_000;

/** All of a stretch of time, in no order; if there are too many, one more than too many. */
async function findSome(
  { sql: db }: Database<Tables>,
  { userData, code }: { readonly userData: Id; readonly code?: number | undefined },
  fromUs: number,
  beforeUs: number,
): Promise<number[]> {
  const { rows } = await sql<{ at_us: number }>`
    select at_us from times_with(
      ${userData}, ${code ?? null}, ${fromUs}, ${beforeUs}, ${MAX_SCANNED_ENTRIES + 1}
    ) at_us`.execute(db);
  return rows.map((row) => row.at_us);
}
