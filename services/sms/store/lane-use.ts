import { sql } from "kysely";
import type { Database } from "#mesh/database/connect.ts";
import type { Lane } from "../domain/message.ts";
import type { Tables } from "./tables.ts";

/** A lane of a provider. */
export type LaneOf = { readonly provider: string; readonly lane: Lane };

/** Notes that a lane is in use now. */
export async function noteUse(db: Database<Tables>, { provider, lane }: LaneOf): Promise<void> {
  await sql`
    insert into lane_use (provider, lane, used_at) values (${provider}, ${lane}::lane, now())
    on conflict (provider, lane) do update set used_at = excluded.used_at`.execute(db.sql);
}

/** Whether a lane was in use not longer ago than this. */
export async function wasUsed(
  db: Database<Tables>,
  { provider, lane }: LaneOf,
  withinMs: number,
): Promise<boolean> {
  const { rows } = await sql<{ used: boolean }>`
    select exists (
      select from lane_use where provider = ${provider} and lane = ${lane}::lane
        and used_at > now() - ${withinMs} * interval '1 millisecond') as used`.execute(db.sql);
  return rows[0]?.used ?? false;
}
