import { hash } from "node:crypto";
import { Code } from "@connectrpc/connect";
import { sql } from "kysely";
import { afterAll, beforeEach, expect, test } from "vitest";
import { reasonOf } from "../errors.ts";
import type { IdempotentCall } from "../idempotent-call.ts";
import { testDatabase } from "../testing/postgres.ts";
import { freeKeys, keepReplies, type KeyVerdict, takeKeys } from "./idempotency-group.ts";
import { transaction } from "./transaction.ts";

const db = await testDatabase();
afterAll(async () => db[Symbol.asyncDispose]());
beforeEach(async () => {
  await sql`truncate idempotency`.execute(db.sql);
});

function call(key: string, body = "one", principal = "ada"): IdempotentCall {
  const method = "mizan.test.v1.TestService/Pay";
  return { principal, method, key, hash: hash("sha256", body, "buffer"), replayed: false };
}

const take = async (...calls: IdempotentCall[]) =>
  transaction(db, async (tx) => takeKeys(tx, calls));

const keep = async (...answers: { call: IdempotentCall; text: string; code?: Code }[]) =>
  transaction(db, async (tx) =>
    keepReplies(
      tx,
      answers.map(({ call: of, text, code = null }) => {
        return { call: of, reply: { code, reply: new TextEncoder().encode(text) } };
      }),
    ),
  );

function shown(verdict: KeyVerdict): unknown {
  if (verdict.kind === "TAKEN") return "TAKEN";
  if (verdict.kind === "REFUSED") return reasonOf(verdict.error);
  return [verdict.reply.code, new TextDecoder().decode(verdict.reply.reply)];
}

test("IDEM-8 a group takes the keys that are free, each once", async () => {
  await take(call("a"));
  const calls = [call("a"), call("b"), call("b"), call("b", "two"), call("b", "two", "grace")];
  expect((await take(...calls)).map(shown)).toEqual([
    "IDEMPOTENCY_IN_PROGRESS",
    "TAKEN",
    "IDEMPOTENCY_IN_PROGRESS",
    "IDEMPOTENCY_KEY_REUSED",
    "TAKEN",
  ]);
});

test("IDEM-6 a call without an answer is told to come again in a second", async () => {
  await take(call("a"));
  const [verdict] = await take(call("a"));
  const { error } = verdict as Extract<KeyVerdict, { kind: "REFUSED" }>;
  expect(error.metadata.get("retry-after")).toBe("1");
});

test("IDEM-5 answers come again to the byte, refusals too, and only to the same request", async () => {
  await take(call("a"), call("b"), call("c"));
  await keep(
    { call: call("b"), text: "no", code: Code.FailedPrecondition },
    { call: call("a"), text: "\u0000yes" },
  );
  expect((await take(call("a"), call("b"), call("b", "two"), call("c"))).map(shown)).toEqual([
    [null, "\u0000yes"],
    [9, "no"],
    "IDEMPOTENCY_KEY_REUSED",
    "IDEMPOTENCY_IN_PROGRESS",
  ]);
});

test("IDEM-7 a freed key may be taken again, and an answer is never forgotten by it", async () => {
  await take(call("a"), call("b"));
  await keep({ call: call("b"), text: "yes" });
  await transaction(db, async (tx) => freeKeys(tx, [call("a"), call("b")]));
  expect((await take(call("a", "two"), call("b"))).map(shown)).toEqual(["TAKEN", [null, "yes"]]);
});

test("keys are written in their order, so that groups that meet in some don't lock each other", async () => {
  const keys = Array.from({ length: 200 }, (_, index) => `key ${(index * 7919) % 1000}`);
  await take(...keys.map((key) => call(key)));
  const { rows } = await sql<{ tableoid: number; keys: string[] }>`
    select tableoid, array_agg(key order by ctid) as keys from idempotency group by 1
  `.execute(db.sql);
  for (const { keys: written } of rows) expect(written).toEqual(written.toSorted());
  expect(rows.length).toBeGreaterThan(1);
});
