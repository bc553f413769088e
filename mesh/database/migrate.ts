import { hash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { MAX_MIGRATION_MS, MIGRATION_LOCK_TIMEOUT_MS } from "../limits.ts";
import { type Connection, openConnection } from "./connection.ts";

/**
 * Brings a database up to date with folders of numbered SQL files, in one transaction, one process
 * at a time. Folders come in order, and within one the files by their names. Throws when a file
 * was changed after it was applied. What a newer version has applied stays (P5). Where nothing is
 * left to apply, it needs no right but to read what was applied.
 */
export async function migrate(url: string, folders: readonly (string | URL)[]): Promise<void> {
  const migrations = await read(folders);
  const options = { url, name: "migrate", statementTimeoutMs: MAX_MIGRATION_MS };
  await using connection = await openConnection(options);
  await connection.query("begin");
  await connection.query("select pg_advisory_xact_lock(hashtextextended('migration', 0))");
  await connection.query(`set local lock_timeout = ${MIGRATION_LOCK_TIMEOUT_MS}`);
  const [known] = await connection.query<{ table: string | null }>(
    "select to_regclass('migration') as table",
  );
  if (known!.table === null) await connection.query(table);
  for (const migration of migrations) await apply(connection, migration);
  await connection.query("commit");
}

type Migration = { readonly name: string; readonly text: string };

const table = `create table migration (
  name text primary key,
  hash text not null,
  applied_at timestamptz not null default now()
)`;

async function apply(connection: Connection, { name, text }: Migration): Promise<void> {
  const digest = hash("sha256", text.replaceAll("\r\n", "\n"), "hex");
  const found = "select hash from migration where name = $1";
  const [applied] = await connection.query<{ hash: string }>(found, [name]);
  if (applied?.hash === digest) return;
  if (applied !== undefined)
    throw new Error(`the migration ${name} was changed after it was applied`);
  try {
    await connection.query(text);
  } catch (cause) {
    throw new Error(`the migration ${name} failed`, { cause });
  }
  await connection.query("insert into migration (name, hash) values ($1, $2)", [name, digest]);
}

async function read(folders: readonly (string | URL)[]): Promise<Migration[]> {
  const migrations: Migration[] = [];
  for (const folder of folders) {
    const path = folder instanceof URL ? fileURLToPath(folder) : folder;
    const names = (await readdir(path)).filter((name) => name.endsWith(".sql"));
    for (const file of names.toSorted()) {
      const name = basename(file, ".sql");
      if (migrations.some((other) => other.name === name))
        throw new Error(`two migrations ${name}`);
      migrations.push({ name, text: await readFile(join(path, file), "utf8") });
    }
  }
  return migrations;
}
