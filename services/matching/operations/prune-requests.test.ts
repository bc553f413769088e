import { sql } from "kysely";
import { expect, test } from "vitest";
import { testExchange } from "../testing/test-writer.ts";
import { pruneRequests } from "./prune-requests.ts";

test("IDEM-5 requests are forgotten when answers are, and not before", async () => {
  await using db = await testExchange();
  await sql`
    insert into changed_request (id, hash, ended, at_ms)
    select gen_random_uuid(), '', 0, extract(epoch from now() - make_interval(days => days)) * 1000
    from unnest(array[6, 8, 800]) days`.execute(db.sql);
  await pruneRequests({ db }, new AbortController().signal);
  const { rows } = await sql`
    select at_ms > extract(epoch from now()) * 1000 - 7 * 86400000 as is_young
    from changed_request`.execute(db.sql);
  expect(rows).toEqual([{ is_young: true }]);
});
