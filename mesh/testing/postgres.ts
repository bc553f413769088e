import { randomBytes } from "node:crypto";
import { inject } from "vitest";
import { connect, type Database } from "../database/connect.ts";
import { openConnection } from "../database/connection.ts";
import { migrate } from "../database/migrate.ts";
import { asRole } from "../database/role.ts";
import { templateOf } from "./template.ts";

/** What a test's database is made of. */
type Options = {
  /** Folders of migrations, applied after those of the mesh. */
  readonly migrations?: readonly (string | URL)[];
  /** How many connections the pool has at most. */
  readonly max?: number;
  /** Whose rights the pool has; the address that the test is given is the owner's. */
  readonly role?: string;
};

/**
 * Makes a fresh database on the server of the test run. Disposing of it closes its pool and drops
 * it, whoever else is still connected, unless the server is to go anyway.
 */
export async function testDatabase<T>(options: Options = {}): Promise<Database<T>> {
  const { migrations = [], max = 8, role } = options;
  const server = inject("databaseUrl");
  const name = `test_${randomBytes(8).toString("hex")}`;
  const url = Object.assign(new URL(server), { pathname: name }).href;
  const folders = [new URL("../database/migrations/", import.meta.url), ...migrations];
  if (inject("databaseStays")) {
    await command(server, `create database ${name}`);
    await migrate(url, folders);
  } else
    await command(server, `create database ${name} template ${await templateOf(server, folders)}`);
  const database = connect<T>({ url: asRole(url, role), max, name: "test" });
  const close = async () => {
    await database[Symbol.asyncDispose]();
    if (!inject("databaseStays")) return; // gone with its server, without the wait for a checkpoint
    await command(server, `drop database if exists ${name} with (force)`);
  };
  return { ...database, url, [Symbol.asyncDispose]: close };
}

async function command(url: string, text: string): Promise<void> {
  await using connection = await openConnection({ url, name: "test" });
  await connection.query(text);
}
