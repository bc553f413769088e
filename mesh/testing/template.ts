import { hash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openConnection } from "../database/connection.ts";
import { migrate } from "../database/migrate.ts";

/**
 * Names a database of the server to which migrations were applied once, to copy it from: that takes
 * a fraction of the time. Nobody may connect to it.
 */
export async function templateOf(
  server: string,
  folders: readonly (string | URL)[],
): Promise<string> {
  const key = folders.join();
  const known = templates.get(key) ?? make(server, folders);
  templates.set(key, known);
  return known;
}

const templates = new Map<string, Promise<string>>();

async function make(server: string, folders: readonly (string | URL)[]): Promise<string> {
  const name = `template_${await digest(folders)}`;
  await using connection = await openConnection({ url: server, name: "test", statementTimeoutMs });
  await connection.query("select pg_advisory_lock(hashtextextended($1, 0))", [name]); // until it closes
  const found = "select from pg_database where datname = $1";
  if ((await connection.query(found, [name])).length > 0) return name;
  const making = `${name}_new`;
  await connection.query(`drop database if exists ${making}`);
  await connection.query(`create database ${making}`);
  await migrate(Object.assign(new URL(server), { pathname: making }).href, folders);
  await connection.query(`alter database ${making} rename to ${name}`);
  return name;
}

/** Other migrations are another template, even while tests are watched. */
async function digest(folders: readonly (string | URL)[]): Promise<string> {
  const texts: string[] = [];
  for (const folder of folders) {
    const path = folder instanceof URL ? fileURLToPath(folder) : folder;
    for (const file of (await readdir(path)).toSorted()) {
      texts.push(file, await readFile(join(path, file), "utf8"));
    }
  }
  return hash("sha256", JSON.stringify(texts), "hex").slice(0, 32);
}

/** Others may be making the same one. */
const statementTimeoutMs = 60_000;
