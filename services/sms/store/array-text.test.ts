import fc from "fast-check";
import { sql } from "kysely";
import { afterAll, expect, test } from "vitest";
import { testDatabase } from "#mesh/testing/postgres.ts";
import { plainArray, textArray } from "./array-text.ts";

const db = await testDatabase();
afterAll(async () => db[Symbol.asyncDispose]());

test("an array of any texts is read as it was written", async () => {
  const texts = fc.array(
    fc.oneof(
      fc.string({ unit: "grapheme" }).filter((text) => !text.includes("\0")),
      fc.constantFrom("", "NULL", "null", '"', "\\", "{}", ",", " ", "\n", "a,b", "{1}", '\\"'),
    ),
  );
  const property = fc.asyncProperty(texts, async (written) => {
    const { rows } = await sql`select ${textArray(written)}::text[] as read`.execute(db.sql);
    expect(rows).toEqual([{ read: written }]);
  });
  await fc.assert(property, { numRuns: 200 });
});

test("arrays of arrays come through as texts", async () => {
  const written = [["a"], [], ['"', "b,c"]];
  const { rows } = await sql`
    select each::text[] as read from unnest(${textArray(written.map(textArray))}::text[]) as each
  `.execute(db.sql);
  expect(rows).toEqual(written.map((read) => ({ read })));
});

test("numbers and words need no quotes", async () => {
  const { rows } = await sql`select ${plainArray([1, -2n])}::bigint[]::text as numbers,
    ${plainArray(["GSM7"])}::text[] as words, ${plainArray([])}::uuid[] as ids`.execute(db.sql);
  expect(rows).toEqual([{ numbers: "{1,-2}", words: ["GSM7"], ids: [] }]);
});
