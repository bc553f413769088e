import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { User } from "./user.ts";

/** A command as node:child_process takes it. */
export type Runnable = {
  readonly file: string;
  readonly args: readonly string[];
  readonly uid?: number;
  readonly gid?: number;
};

/**
 * The command that runs a program as another user, if one is given. With an `endSignal` the
 * program gets it when its parent dies, where the system can do that (Linux with setpriv).
 */
export async function runAs(
  user: User | undefined,
  file: string,
  args: readonly string[],
  endSignal?: NodeJS.Signals,
): Promise<Runnable> {
  if (!(await hasSetpriv)) return { file, args, ...(user && { uid: user.uid, gid: user.gid }) };
  const options = [];
  if (endSignal !== undefined) options.push(`--pdeathsig=${endSignal.slice("SIG".length)}`);
  if (user !== undefined) {
    options.push(`--reuid=${user.uid}`, `--regid=${user.gid}`, "--clear-groups");
  }
  if (user?.passes) {
    // What access(2) sees of a capability, once the user has changed, is what this bit keeps.
    options.push("--securebits=+no_setuid_fixup");
    options.push("--inh-caps=-all,+dac_override", "--ambient-caps=+dac_override");
  }
  return options.length === 0
    ? { file, args }
    : { file: "setpriv", args: [...options, "--", file, ...args] };
}

const hasSetpriv = findSetpriv();

/** Looks for the setpriv of util-linux; others know no --pdeathsig. */
async function findSetpriv(): Promise<boolean> {
  if (process.platform !== "linux") return false;
  return promisify(execFile)("setpriv", ["--pdeathsig=KILL", "--", "true"]).then(
    () => true,
    () => false,
  );
}
