import { afterAll, expect, test } from "vitest";
import { testDatabase } from "../testing/postgres.ts";
import { openConnection } from "./connection.ts";

const db = await testDatabase();

afterAll(async () => db[Symbol.asyncDispose]());

const open = async (statementTimeoutMs = 1000) =>
  openConnection({ url: db.url, name: "test", statementTimeoutMs });

test("statements run in the order in which they were sent, without waiting for each other", async () => {
  await using connection = await open();
  const answers = [1, 2, 3].map(async (n) => connection.query("select $1::bigint as n", [n]));
  expect(await Promise.all(answers)).toEqual([[{ n: 1 }], [{ n: 2 }], [{ n: 3 }]]);
});

test("a statement that is refused leaves the connection as it was", async () => {
  await using connection = await open();
  await expect(connection.query("select 1 / 0")).rejects.toMatchObject({ code: "22012" });
  expect(await connection.query("select 1 as n")).toEqual([{ n: 1 }]);
});

test("a statement that takes too long is stopped", async () => {
  await using connection = await open(50);
  await expect(connection.query("select pg_sleep(10)")).rejects.toMatchObject({ code: "57014" });
});

test("L21 the owner of a connection hears of its end, and so does every statement after it", async () => {
  await using connection = await open();
  const kill = connection.query("select pg_terminate_backend(pg_backend_pid())");
  const late = connection.query("select 1");
  await expect(kill).rejects.toThrow("terminating connection");
  await expect(late).rejects.toThrow(/Connection terminated|ECONNRESET/);
  expect(await connection.closed).toBeInstanceOf(Error);
  await expect(connection.query("select 1")).rejects.toThrow("not queryable");
});

test("closing it is no error", async () => {
  const connection = await open();
  await connection[Symbol.asyncDispose]();
  expect(await connection.closed).toBeUndefined();
});
