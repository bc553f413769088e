import { sql } from "kysely";
import { expect, test } from "vitest";
import { testDatabase } from "#mesh/testing/postgres.ts";
import type { Tables } from "../store/tables.ts";
import { makeDays } from "./make-days.ts";

test("PROV-2 a restored database gives no number again that a provider may know", async () => {
  const migrations = [new URL("../store/migrations/", import.meta.url)];
  await using db = await testDatabase<Tables>({ migrations });
  const next = async () => {
    const { rows } = await sql<{ ref: number }>`select nextval('message_ref') as ref`.execute(
      db.sql,
    );
    return rows[0]!.ref;
  };
  const lost = await next();
  await sql`select setval('message_ref', 1)`.execute(db.sql); // what an old backup has
  await makeDays({ db });
  expect(await next()).toBeGreaterThan(lost);
});
