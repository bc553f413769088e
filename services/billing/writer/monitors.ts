import type { Connection } from "#mesh/database/connection.ts";
import type { Account } from "../domain/account.ts";
import { balanceIn } from "../domain/balance-field.ts";
import { type Crossing, isBeyond, type Monitor } from "../domain/monitor.ts";
import { loadMonitors as readMonitors } from "../store/monitors.ts";

/** The watches over balances. They change in the writer's turns alone. */
export type Monitors = {
  readonly count: number;
  /** Begins to watch, as the monitor says; one that is there already is left as it is. */
  watch(monitor: Monitor): void;
  /** Ends a monitor; one that is not there is no failure. */
  unwatch(id: string): void;
  /** Judges accounts that a commit has changed, and returns which balances have crossed a bound. */
  judge(changed: readonly Account[], seq: number): Crossing[];
  /** What is new since the last take; the next commit stores it. */
  take(): MonitorChanges;
};

/** What a commit stores of the monitors. */
type MonitorChanges = {
  readonly monitors: readonly Monitor[];
  /** The ids of those that have ended. */
  readonly endedMonitors: readonly string[];
};

/** Reads what is committed. Nobody else may write meanwhile. */
export async function loadMonitors(connection: Connection): Promise<Monitors> {
  return createMonitors(await readMonitors(connection));
}

function createMonitors(known: readonly Monitor[]): Monitors {
  const all = new Map<string, Monitor>();
  const bySlot = new Map<number, Set<string>>();
  let kept = new Map<string, Monitor>();
  let ended: string[] = [];
  const keep = (monitor: Monitor) => {
    all.set(monitor.id, monitor);
    kept.set(monitor.id, monitor);
  };
  const index = ({ slot, id }: Monitor) => {
    const ids = bySlot.get(slot);
    if (ids === undefined) bySlot.set(slot, new Set([id]));
    else ids.add(id);
  };
  const judgeOne = (id: string, account: Account, seq: number): Crossing[] => {
    const before = all.get(id)!;
    if (isBeyond(before, account) === before.isBeyond) return [];
    const monitor = { ...before, isBeyond: !before.isBeyond };
    keep(monitor);
    return [{ monitor, account, balanceMinor: balanceIn[monitor.field](account), seq }];
  };
  for (const monitor of known) {
    all.set(monitor.id, monitor);
    index(monitor);
  }
  return {
    get count() {
      return all.size;
    },
    watch(monitor) {
      if (all.has(monitor.id)) return;
      keep(monitor);
      index(monitor);
    },
    unwatch(id) {
      const monitor = all.get(id);
      if (monitor === undefined) return;
      all.delete(id);
      bySlot.get(monitor.slot)!.delete(id);
      kept.delete(id);
      ended.push(id);
    },
    judge(changed, seq) {
      const crossings: Crossing[] = [];
      for (const account of changed) {
        const ids = bySlot.get(account.slot); // of most there is none
        if (ids === undefined) continue;
        for (const id of ids) crossings.push(...judgeOne(id, account, seq));
      }
      return crossings;
    },
    take() {
      const taken = { monitors: [...kept.values()], endedMonitors: ended };
      kept = new Map();
      ended = [];
      return taken;
    },
  };
}
