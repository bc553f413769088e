import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { temporaryFolder } from "#mesh/testing/folder.ts";
import type { Case } from "../rounds.ts";
import { accountIds, AMOUNT_MINOR } from "./chart.ts";
import type { RowLock } from "./row-lock.ts";

/** PostgreSQL's own bench as another client of the baseline. */
export type Pgbench = {
  /** What it measures; nothing where the program is not installed. */
  readonly cases: readonly Case[];
  /** How many transfers it has made. */
  readonly acknowledged: () => number;
};

/** Calls the function of the baseline by pgbench, over as many connections as we do. */
export function pgbench(url: string, { connections }: RowLock, ms: number): Pgbench {
  let acknowledged = 0;
  let isMissing = false;
  const measure: Case = async () => {
    if (isMissing) return {};
    using folder = temporaryFolder();
    const file = join(folder.path, "row-lock.sql");
    await writeFile(file, script);
    const seconds = String(Math.ceil(ms / 1000));
    const args = ["-n", "-c", String(connections), "-j", "2", "-T", seconds, "-f", file, url];
    const output = await run("pgbench", args).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOENT") throw error;
      isMissing = true;
    });
    if (output === undefined) return {};
    acknowledged += figureOf(output.stdout, /actually processed: (\d+)/);
    return { "row lock by pgbench": figureOf(output.stdout, /tps = ([\d.]+)/) };
  };
  return { cases: [measure], acknowledged: () => acknowledged };
}

const run = promisify(execFile);

function figureOf(output: string, pattern: RegExp): number {
  const [, figure] = pattern.exec(output) ?? [];
  if (figure === undefined) throw new Error(`pgbench has said something else: ${output}`);
  return Number(figure);
}

/** The first place is that of the hot account. */
const script = `
\\set one random(2, ${accountIds.length + 1})
\\set step random(1, ${accountIds.length - 1})
\\set other 2 + (:one - 2 + :step) % ${accountIds.length}
select row_lock.transfer(gen_random_uuid(), one.id, other.id, ${AMOUNT_MINOR})
  from row_lock.account one, row_lock.account other
  where one.place = :one and other.place = :other;
`;
