import { sql } from "kysely";
import { hexOf, uuidOf } from "#mesh/ids.ts";
import type { OwedRelease } from "../domain/owed-release.ts";
import type { Queries } from "./tables.ts";

/** Which release of which hold. */
export type ReleaseKey = Pick<OwedRelease, "hold" | "step">;

/** The first releases that are owed after one of them, or of all, in the order of their keys. */
export async function findReleases(
  db: Queries,
  after: ReleaseKey | undefined,
  most: number,
): Promise<OwedRelease[]> {
  const rest =
    after === undefined
      ? sql``
      : sql`where (hold_id, step) > (${uuidOf(after.hold)}::uuid, ${after.step}::integer)`;
  const { rows } = await sql<Row>`
    select hold_id, step, account_id, asset, amount_minor::text from release ${rest}
    order by hold_id, step limit ${most}`.execute(db);
  return rows.map((row) => ({
    hold: hexOf(row.hold_id),
    step: row.step,
    owner: hexOf(row.account_id),
    asset: row.asset,
    minor: BigInt(row.amount_minor),
  }));
}

type Row = {
  readonly hold_id: string;
  readonly step: number;
  readonly account_id: string;
  readonly asset: string;
  readonly amount_minor: string;
};

/** Notes releases that no batch has led to. Those that are noted stay as they are. */
export async function addReleases(db: Queries, owed: readonly OwedRelease[]): Promise<void> {
  await sql`
    insert into release (hold_id, step, account_id, asset, amount_minor, created_ms)
    select *, engine_now_us() / 1000 from unnest(
      ${owed.map(({ hold }) => uuidOf(hold))}::uuid[],
      ${owed.map(({ step }) => step)}::integer[],
      ${owed.map(({ owner }) => uuidOf(owner))}::uuid[],
      ${owed.map(({ asset }) => asset)}::text[],
      ${owed.map(({ minor }) => minor.toString())}::numeric[])
    on conflict do nothing`.execute(db);
}

/** Forgets releases that the ledger has made. */
export async function deleteReleases(db: Queries, done: readonly ReleaseKey[]): Promise<void> {
  await sql`
    delete from release using unnest(
      ${done.map(({ hold }) => uuidOf(hold))}::uuid[],
      ${done.map(({ step }) => step)}::integer[]
    ) as done (hold_id, step)
    where release.hold_id = done.hold_id and release.step = done.step`.execute(db);
}
