import { sql } from "kysely";
import { expect, test } from "vitest";
import { testDatabase } from "#mesh/testing/postgres.ts";
import type { Tables } from "../store/tables.ts";
import { loadRates } from "./load-rates.ts";

const currency = { asset: "IRR", scale: 2 };
const migrations = [new URL("../store/migrations/", import.meta.url)];

test("RATE-1 the first card asks 1,000 IRR a segment, and 1,500 on the express lane", async () => {
  await using db = await testDatabase<Tables>({ migrations });
  const rates = await loadRates(db, currency);
  expect(rates.current()).toEqual({
    version: 1,
    asset: "IRR",
    rates: [{ lane: "EXPRESS", unitPrice: 150_000n }, { unitPrice: 100_000n }],
  });
});

test("RATE-3 a new version counts from its time on, and none is ever changed", async () => {
  await using db = await testDatabase<Tables>({ migrations });
  const rates = await loadRates(db, currency);
  await sql`insert into rate_card values
    (2, now() - interval '1 second', '[{"price": "230"}]'),
    (3, now() + interval '1 hour', '[{"price": "999"}]')`.execute(db.sql);
  expect(rates.current().version).toBe(1);
  await rates.refresh();
  expect(rates.current().version).toBe(2);
  const change = sql`update rate_card set rates = '[]' where version = 2`.execute(db.sql);
  await expect(change).rejects.toThrow("a rate card is never changed");
});
