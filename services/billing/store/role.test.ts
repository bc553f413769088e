import { expect, test } from "vitest";
import { type Connection, openConnection } from "#mesh/database/connection.ts";
import { migrate } from "#mesh/database/migrate.ts";
import { asRole } from "#mesh/database/role.ts";
import { make, open, testBooks, testWriter, transferOf } from "../testing/test-ledger.ts";
import { databaseRole } from "./role.ts";

const appendOnly = [
  "transfer",
  "transfer_id",
  "transfer_reference",
  "transfer_revert",
  "transfer_failed",
  "ledger_commit",
];

/** Books with a row in some month, and the names of all months. */
async function bookedMonths() {
  const db = await testBooks();
  await using writer = await testWriter(db.url);
  await open(writer, "a", "b");
  await make(writer, transferOf("a", "b"));
  await using owner = await openConnection({ url: db.url, name: "test" });
  const months = await owner.query<{ name: string }>(
    "select inhrelid::regclass::text as name from pg_inherits where inhparent = 'transfer'::regclass",
  );
  return { db, months: months.map(({ name }) => name) };
}

async function refusals(connection: Connection, table: string): Promise<unknown[]> {
  const changes = [
    `update ${table} set at_us = at_us + 1`,
    `delete from ${table}`,
    `truncate ${table} cascade`,
  ];
  return Promise.all(
    changes.map(async (change) =>
      connection.query(change).then(
        () => `${change} was done`,
        (error: Error) => error.message,
      ),
    ),
  );
}

test("L1 L19 the service may not change or delete what was written for ever, nor any month of it", async () => {
  const { db, months } = await bookedMonths();
  await using _ = db;
  await using service = await openConnection({ url: asRole(db.url, databaseRole), name: "test" });
  expect(months.length).toBeGreaterThan(1);
  for (const table of [...appendOnly, ...months]) {
    const denied = `permission denied for table ${table}`;
    expect(await refusals(service, table)).toEqual([denied, denied, denied]);
  }
  const disabled = service.query("alter table transfer disable trigger append_only");
  await expect(disabled).rejects.toThrow("must be owner");
});

test("TRF-5 L19 rows of a month are never changed, not even by the owner", async () => {
  const { db, months } = await bookedMonths();
  await using _ = db;
  await using owner = await openConnection({ url: db.url, name: "test" });
  for (const table of [...appendOnly, ...months]) {
    for (const refusal of await refusals(owner, table)) {
      expect(refusal).toMatch(/^Rows of transfer|^Rows of ledger_commit/);
      expect(refusal).toMatch(/are never changed or deleted\.$/);
    }
  }
});

test("L1 tables of later migrations are the service's to work with, but for what is append-only", async () => {
  await using db = await testBooks();
  await using owner = await openConnection({ url: db.url, name: "test" });
  await owner.query("create table later (at_us bigint); create table kept (at_us bigint)");
  await owner.query("select make_append_only('kept')");
  await using service = await openConnection({ url: asRole(db.url, databaseRole), name: "test" });
  for (const table of ["later", "kept"]) {
    await service.query(`insert into ${table} values (1)`);
  }
  await service.query("update later set at_us = 2");
  await service.query("delete from later");
  expect(new Set(await refusals(service, "kept"))).toEqual(
    new Set(["permission denied for table kept"]),
  );
  const weakened = service.query("select make_append_only('later')");
  await expect(weakened).rejects.toThrow("permission denied");
});

test("a login with no right but the role's serves a database that is up to date", async () => {
  await using db = await testBooks();
  const url = asRole(db.url, databaseRole);
  const folders = [
    new URL("../../../mesh/database/migrations/", import.meta.url),
    new URL("migrations/", import.meta.url),
  ];
  await expect(migrate(url, folders)).resolves.toBeUndefined();
  await using service = await openConnection({ url, name: "test" });
  await expect(service.query("create table mine ()")).rejects.toThrow("permission denied");
  expect(await service.query("select prune_events()")).toEqual([]);
  await service.query(
    "insert into inbox (slot, consumer, event_id) select n, '', '' from generate_series(0, 7) n",
  );
  expect(await service.query("select prune_events()")).toHaveLength(1); // by TRUNCATE
});
