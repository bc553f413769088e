import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { filledBooks, sealAll, tamper } from "../testing/test-seal.ts";
import { verifyChain } from "./verify-chain.ts";

const books = await filledBooks();
const { superuser } = books;
afterAll(async () => books[Symbol.asyncDispose]());

const verify = async () => verifyChain({ connection: superuser, shard: 0, keys: undefined });

beforeAll(async () => {
  await sealAll(books.db.url);
});

test("WR-9 a chain that nobody has touched is verified to its end", async () => {
  const verdict = await verify();
  expect(verdict).toMatchObject({ verifiedSeq: 12, firstBrokenSeq: 0, problem: "" });
});

const columns = await superuser.query<{ name: string; type: string }>(
  `select column_name as name, data_type as type from information_schema.columns
    where table_schema = 'public' and table_name = 'transfer'`,
);

describe("L19 a superuser changes a sealed transfer", () => {
  test.each(columns)("in its $name, and the verification names it", async ({ name, type }) => {
    const value = changed(name, type);
    await tampering(`update transfer set ${name} = ${value} where seq = 7`, async () => {
      const verdict = await verify();
      expect(verdict).toMatchObject({ firstBrokenSeq: 7, verifiedSeq: 0 });
      expect(verdict.problem).toContain("7");
    });
  });

  function changed(name: string, type: string): string {
    if (type === "uuid") return "gen_random_uuid()";
    return name === "kind" ? "kind % 5 + 1" : `coalesce(${name}, 0) + 1`;
  }
});

async function tampering(statement: string, check: () => Promise<void>) {
  await superuser.query("begin");
  try {
    await tamper(superuser, statement);
    await check();
  } finally {
    await superuser.query("rollback");
    await superuser.query("set session_replication_role = origin");
  }
}
