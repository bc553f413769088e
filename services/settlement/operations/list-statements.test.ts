import { afterAll, expect, test } from "vitest";
import { reasonOf } from "#mesh/errors.ts";
import { newId } from "#mesh/ids.ts";
import { insertPayouts, testStatements } from "../testing/test-statements.ts";
import { listStatementDifferences } from "./list-statement-differences.ts";
import { listStatements } from "./list-statements.ts";

const { db, ...world } = await testStatements();
afterAll(async () => world[Symbol.asyncDispose]());

const days = ["2026-01-29", "2026-01-30", "2026-01-31"];
for (const day of days) await world.imported([`${day},out,x,1.00`], { day });
await insertPayouts(db.sql, [{ id: newId(), amountMinor: 100n }]);
const { id: otherId } = await world.imported(["L1,in,rent,2.00"], { provider: "other" });
await world.imported([], { day: days[2]! });

test("statements are listed in pages, the newest first, of one provider or of all", async () => {
  const first = await listStatements({ db }, { provider: "bank", pageSize: 2, pageToken: "" });
  expect(first.statements.map(({ day }) => day)).toEqual([days[2], days[1]]);
  const rest = { provider: "bank", pageSize: 2, pageToken: first.nextPageToken };
  const second = await listStatements({ db }, rest);
  expect(second.statements.map(({ day }) => day)).toEqual([days[0]]);
  expect(second.nextPageToken).toBe("");
  const all = await listStatements({ db }, { provider: "", pageSize: 0, pageToken: "" });
  expect(all.statements).toHaveLength(4);
  expect(all.statements[0]).toMatchObject({ provider: "other", lineCount: 1, openLineCount: 1 });
  const strange = listStatements({ db }, { ...rest, provider: "" });
  await expect(strange.catch(reasonOf)).resolves.toBe("INVALID_PAGE_TOKEN");
});

test("differences are listed in pages, and found by provider, kind and statement", async () => {
  const kindsOf = async (filter: Parameters<typeof listStatementDifferences>[1], pageSize = 0) => {
    const kinds: string[] = [];
    for (let token: string | undefined; token !== "";) {
      const page = { pageSize, pageToken: token ?? "" };
      const { differences, nextPageToken } = await listStatementDifferences({ db }, filter, page);
      kinds.push(...differences.map(({ provider, kind }) => `${provider} ${kind}`));
      token = nextPageToken;
    }
    return kinds;
  };
  const [extra, missing] = ["bank EXTRA", "bank MISSING"];
  const all = [missing, "other EXTRA", extra, extra, extra];
  expect(await kindsOf({ showSettled: false })).toEqual(all);
  expect(await kindsOf({ showSettled: false }, 2)).toEqual(all);
  expect(await kindsOf({ showSettled: true, kind: "MISSING" })).toEqual([missing]);
  expect(await kindsOf({ showSettled: true, provider: "other" })).toEqual(["other EXTRA"]);
  expect(await kindsOf({ showSettled: true, statementId: otherId })).toEqual(["other EXTRA"]);
});
