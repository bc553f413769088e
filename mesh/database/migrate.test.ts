import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import { afterEach, beforeEach, expect, test } from "vitest";
import { testDatabase } from "../testing/postgres.ts";
import { openConnection } from "./connection.ts";
import { migrate } from "./migrate.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "mizan-migrations-"));
});

afterEach(async () => rm(folder, { recursive: true }));

async function file(name: string, text: string): Promise<void> {
  await writeFile(join(folder, name), text);
}

test("files are applied once, in the order of their names", async () => {
  await using db = await testDatabase<{ coin: { name: string } }>();
  await file("0002_rial.sql", "insert into coin values ('IRR')");
  await file("0001_coin.sql", "create table coin (name text not null)");
  await migrate(db.url, [folder]);
  await migrate(db.url, [folder]);
  expect(await db.sql.selectFrom("coin").selectAll().execute()).toEqual([{ name: "IRR" }]);
});

test("a file that was changed after it was applied is refused", async () => {
  await using db = await testDatabase();
  await file("0001_coin.sql", "create table coin (name text)");
  await migrate(db.url, [folder]);
  await file("0001_coin.sql", "create table coin (name text not null)");
  await expect(migrate(db.url, [folder])).rejects.toThrow("0001_coin was changed");
});

test("a file that fails leaves nothing of the files before it", async () => {
  await using db = await testDatabase();
  await file("0001_coin.sql", "create table coin (name text)");
  await file("0002_typo.sql", "create tabel purse ()");
  await expect(migrate(db.url, [folder])).rejects.toThrow("0002_typo failed");
  const { rows } = await sql`select to_regclass('coin') as found`.execute(db.sql);
  expect(rows).toEqual([{ found: null }]);
});

test("P5 an older version starts on the database of a newer one", async () => {
  await using db = await testDatabase();
  await file("0001_coin.sql", "create table coin (name text)");
  await file("0002_purse.sql", "create table purse (name text)");
  await migrate(db.url, [folder]);
  await rm(join(folder, "0002_purse.sql"));
  await expect(migrate(db.url, [folder])).resolves.toBeUndefined();
});

test("processes that start together migrate one after the other", async () => {
  await using db = await testDatabase<{ coin: { name: string } }>();
  await file("0001_coin.sql", "create table coin (name text); insert into coin values ('IRR')");
  await Promise.all(Array.from({ length: 8 }, async () => migrate(db.url, [folder])));
  expect(await db.sql.selectFrom("coin").selectAll().execute()).toHaveLength(1);
});

test("P5 a table that the running service holds stops a migration after two seconds", async () => {
  await using db = await testDatabase();
  await file("0001_coin.sql", "create table coin (name text)");
  await migrate(db.url, [folder]);
  await using service = await openConnection({ url: db.url, name: "test" });
  await service.query("begin");
  await service.query("lock table coin in access share mode");
  await file("0002_scale.sql", "alter table coin add scale int");
  await expect(migrate(db.url, [folder])).rejects.toThrow("0002_scale failed");
});
