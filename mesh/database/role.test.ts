import { sql } from "kysely";
import { expect, test } from "vitest";
import { testDatabase } from "../testing/postgres.ts";
import { connect } from "./connect.ts";
import { openConnection } from "./connection.ts";
import { asRole } from "./role.ts";

const currentUser = "select current_user as name";

test("every connection to an address as a role has the rights of the role, and no others", async () => {
  await using db = await testDatabase();
  const url = asRole(`${db.url}?options=-c%20work_mem%3D1MB`, "pg_monitor");
  await using pool = connect({ url, max: 1, name: "test" });
  await using connection = await openConnection({ url, name: "test" });
  const { rows } = await sql.raw(currentUser).execute(pool.sql);
  expect([...rows, ...(await connection.query(currentUser))]).toEqual([
    { name: "pg_monitor" },
    { name: "pg_monitor" },
  ]);
  expect(await connection.query("show work_mem")).toEqual([{ work_mem: "1MB" }]);
  await expect(connection.query("create table mine ()")).rejects.toMatchObject({ code: "42501" });
});

test("a role that is not there opens no connection", async () => {
  await using db = await testDatabase();
  const url = asRole(db.url, "nobody_at_all");
  await expect(openConnection({ url, name: "test" })).rejects.toThrow("nobody_at_all");
});

test("an address without a role stays as it is", () => {
  const url = "postgres://a:b@localhost/c?sslmode=verify-full";
  expect(asRole(url, undefined)).toBe(url);
  expect(asRole(url, "clerk")).toBe(`${url}&options=-c+role%3Dclerk`);
});
