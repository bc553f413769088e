import { readdirSync, readFileSync } from "node:fs";

/**
 * How much CPU time some processes and all that they have started took so far, in milliseconds:
 * those that have ended too, once who started them has noticed. Linux only.
 */
export function cpuMsOf(roots: readonly number[]): number {
  const all = readdirSync("/proc").flatMap((name) => (/^\d+$/.test(name) ? read(name) : []));
  const children = Map.groupBy(all, ({ parent }) => parent);
  const mine = all.filter(({ pid }) => roots.includes(pid));
  for (const one of mine) mine.push(...(children.get(one.pid) ?? []));
  return new Set(mine).values().reduce((sum, { ticks }) => sum + ticks, 0) * MS_PER_TICK;
}

type Process = { readonly pid: number; readonly parent: number; readonly ticks: number };

/** The times of a process and of its children that have ended; nothing when it is gone. */
function read(name: string): Process[] {
  try {
    const text = readFileSync(`/proc/${name}/stat`, "utf8");
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" "); // from the third field on
    const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
    return [{ pid: Number(name), parent: Number(fields[1]), ticks }];
  } catch {
    return [];
  }
}

/** The unit of /proc on every Linux that there is. */
const MS_PER_TICK = 10;
