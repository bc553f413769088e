import type { Stack } from "../../../scripts/platform/boot.ts";
import { eventually } from "../../processes.ts";
import type { Orders } from "../../withdrawals/orders.ts";
import { type Fault, isAtStart, leavesHolds } from "./fault.ts";

/** Where faults are played. */
export type Place = {
  readonly stack: Stack;
  readonly orders: Orders;
  /** Asks for orders, and does not ask again when there is no answer. */
  readonly abandonSome: () => void;
};

/** Plays faults at a time, and waits until all processes run again. */
export async function playFaults(place: Place, faults: readonly Fault[]): Promise<void> {
  const { stack, orders, abandonSome } = place;
  for (const { step, victim } of faults) orders.give(step, victim === undefined ? "kill" : "wait");
  if (faults.some(leavesHolds)) abandonSome();
  if (faults.every(isAtStart)) await kill(stack, "matching"); // nobody else does
  await Promise.all(faults.map(async (fault) => strike(place, fault)));
  await stack.ready(READY_MS);
}

async function strike({ stack, orders }: Place, { step, victim }: Fault): Promise<void> {
  if (victim === undefined) return orders.taken(step);
  await orders.waiting(step);
  const again = kill(stack, victim);
  orders.release(step); // at once, so that what comes next finds nobody
  return again;
}

/** Kills a process, and waits until it is started again. */
async function kill(stack: Stack, name: string): Promise<void> {
  const before = stack.describe().pids[name];
  if (before !== undefined) process.kill(before, "SIGKILL"); // else it is down anyway
  const isBack = () => ![before, undefined].includes(stack.describe().pids[name]);
  await eventually(`${name} is started again`, isBack, READY_MS);
}

const READY_MS = 60_000;
