import { sql } from "kysely";
import { expect, test, vi } from "vitest";
import { testDatabase } from "#mesh/testing/postgres.ts";
import type { Tables } from "../store/tables.ts";
import { keepPlannerInformed } from "./keep-planner-informed.ts";

test("the planner knows a table that has grown much, and is not asked about the others", async () => {
  const migrations = [new URL("../store/migrations/", import.meta.url)];
  await using db = await testDatabase<Tables>({ migrations });
  await sql`insert into receipt (provider, provider_id, state)
    select 'magfa', n::text, 'DELIVERED' from generate_series(1, 5000) as n`.execute(db.sql);
  await vi.waitFor(async () => expect(await keepPlannerInformed({ db })).toBe(1), 5000);
  const { rows } = await sql<{ known: number }>`
    select sum(greatest(reltuples, 0))::int as known from pg_class
    where relname like 'receipt__'`.execute(db.sql);
  expect(rows).toEqual([{ known: 5000 }]);
  expect(await keepPlannerInformed({ db })).toBe(0);
});
