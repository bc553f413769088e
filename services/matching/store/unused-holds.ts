import { sql } from "kysely";
import { hexOf, uuidOf } from "#mesh/ids.ts";
import type { OrderId } from "../domain/command.ts";
import { type OwedRelease, unusedStep } from "../domain/owed-release.ts";
import type { Queries } from "./tables.ts";

/** The right to write to a shard: the epoch says who has it (X3). */
export type Fence = { readonly shard: number; readonly epoch: number };

/** An extra hold that no amendment uses. */
export type UnusedHold = {
  readonly hold: OrderId;
  readonly step: number;
  /** The money to give back; absent when the ledger has refused to hold it. */
  readonly back?: Pick<OwedRelease, "owner" | "asset" | "minor">;
};

/**
 * Notes for good that nothing uses some extra holds, and that their money is to be released, in one
 * statement that the writer of another epoch can't be overtaken by. Tells whether it was so.
 */
export async function noteUnusedHolds(
  db: Queries,
  { shard, epoch }: Fence,
  unused: readonly UnusedHold[],
): Promise<boolean> {
  const { rows } = await sql<{ held: boolean }>`
    with fence as (
      select from engine_shard where shard = ${shard} and epoch = ${epoch} for share
    ), given as (
      select given.*, engine_now_us() / 1000 as at_ms
      from fence, unnest(
        ${unused.map(({ hold }) => uuidOf(hold))}::uuid[],
        ${unused.map(({ step }) => step)}::integer[],
        ${unused.map(({ back }) => (back ? uuidOf(back.owner) : null))}::uuid[],
        ${unused.map(({ back }) => back?.asset ?? null)}::text[],
        ${unused.map(({ back }) => back?.minor.toString() ?? null)}::numeric[]
      ) as given (hold_id, step, account_id, asset, amount_minor)
    ), noted as (
      insert into unused_hold (hold_id, step, at_ms)
      select hold_id, step, at_ms from given
      on conflict do nothing
    ), owed as (
      insert into release (hold_id, step, account_id, asset, amount_minor, created_ms)
      select hold_id, ${unusedStep(0)}::integer + step, account_id, asset, amount_minor, at_ms
      from given where amount_minor is not null
      on conflict do nothing
    )
    select exists (select from fence) as held`.execute(db);
  return rows[0]!.held;
}

/** The number of the last extra hold of an order that was used, or is known never to be. */
export async function lastHoldStep(db: Queries, hold: OrderId): Promise<number> {
  const id = uuidOf(hold);
  const { rows } = await sql<{ step: number }>`
    select greatest(
      (select hold_step from orders where id = ${id}),
      (select max(step) from unused_hold where hold_id = ${id}),
      0
    ) as step`.execute(db);
  return rows[0]!.step;
}

/** The last extra hold of each of some orders that it has used; absent for an unknown order. */
export async function findUsedSteps(
  db: Queries,
  holds: readonly OrderId[],
): Promise<ReadonlyMap<OrderId, number>> {
  const { rows } = await sql<{ id: string; hold_step: number }>`
    select id, hold_step from orders where id = any (${holds.map(uuidOf)}::uuid[])`.execute(db);
  return new Map(rows.map((row) => [hexOf(row.id), row.hold_step]));
}

/** Those of some extra holds that are not noted as unused yet. */
export async function dropNoted<T extends { readonly hold: OrderId; readonly step: number }>(
  db: Queries,
  holds: readonly T[],
): Promise<T[]> {
  const { rows } = await sql<{ place: number }>`
    select place::integer from unnest(
      ${holds.map(({ hold }) => uuidOf(hold))}::uuid[],
      ${holds.map(({ step }) => step)}::integer[]
    ) with ordinality as given (hold_id, step, place)
    where not exists (
      select from unused_hold as noted
      where noted.hold_id = given.hold_id and noted.step = given.step)
    order by place`.execute(db);
  return rows.map(({ place }) => holds[place - 1]!);
}
