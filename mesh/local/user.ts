import { execFile } from "node:child_process";
import { chown } from "node:fs/promises";
import { promisify } from "node:util";
import { runAs } from "./run-as.ts";

/** A user of this machine, by its numbers. */
export type User = {
  readonly uid: number;
  readonly gid: number;
  /** Whether it may pass through folders that are closed to it, such as the home of root. */
  readonly passes: boolean;
};

/**
 * The user that runs servers which refuse to run as root: postgres if there is one, else nobody.
 * The folder becomes its own. Undefined when we are not root: then servers run as whoever we are.
 * Throws when the user can't come to the program and to the folder.
 */
export async function serverUser(program: string, folder: string): Promise<User | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const found = (await idsOf("postgres")) ?? (await idsOf("nobody"));
  if (found === undefined) throw new Error("root needs a user named postgres to run PostgreSQL as");
  await chown(folder, found.uid, found.gid);
  for (const passes of [false, true]) {
    if (await reaches({ ...found, passes }, program, folder)) return { ...found, passes };
  }
  throw new Error(
    `PostgreSQL does not run as root, and the user ${found.uid} can't reach ${program} and ` +
      `${folder}: put the project where other users may read it, or don't run it as root`,
  );
}

async function idsOf(name: string) {
  const ids = await Promise.all(
    ["-u", "-g"].map(async (which) => promisify(execFile)("id", [which, name])),
  ).catch(() => undefined);
  const [uid, gid] = (ids ?? []).map(({ stdout }) => Number(stdout));
  return uid === undefined || gid === undefined ? undefined : { uid, gid };
}

async function reaches(user: User, program: string, folder: string): Promise<boolean> {
  const test = 'test -x "$0" && mkdir "$1" && rmdir "$1"';
  const { file, args, ...ids } = await runAs(user, "sh", ["-c", test, program, `${folder}/reach`]);
  return promisify(execFile)(file, args, { ...ids, cwd: "/" }).then(
    () => true,
    () => false,
  );
}
