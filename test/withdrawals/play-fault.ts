import type { Stack } from "../../scripts/platform/boot.ts";
import { eventually } from "../processes.ts";
import type { AllBanks } from "../../scripts/platform/all-banks.ts";
import type { Fault } from "./fault.ts";
import type { Orders } from "./orders.ts";
import type { Merchant, People } from "./people.ts";
import { ended, type Shown, shownIn, withdraw } from "./withdraw.ts";

/** Where faults are played. */
export type Scene = {
  readonly stack: Stack;
  readonly people: People;
  readonly bank: AllBanks;
  readonly orders: Orders;
  readonly merchants: readonly Merchant[];
};

/** A withdrawal that a fault has met, as its caller saw it in the end. */
export type Played = {
  readonly merchant: Merchant;
  readonly shown: Shown;
  /** How often the banks have paid it, and how often they got it. */
  readonly payments: number;
  readonly submits: number;
  /** Whether the same key got the answer of the first time again. */
  readonly isRepeated: boolean;
};

/**
 * Has a few merchants withdraw while something goes wrong, each with one key that it repeats until
 * it is answered, and follows the withdrawals to their ends.
 */
export async function playFault(scene: Scene, fault: Fault): Promise<Played[]> {
  const { people, bank, orders, merchants } = scene;
  const { step, victim } = fault;
  orders.give(step, victim === undefined ? "kill" : "wait");
  const under = merchants.map(async (merchant): Promise<Played> => {
    const key = crypto.randomUUID();
    const answer = await withdraw(people, merchant, { key });
    const shown = await ended(people, merchant, shownIn(answer).id);
    const again = await withdraw(people, merchant, { key });
    const isRepeated = JSON.stringify(again.json) === JSON.stringify(answer.json);
    const paid = await bank.paymentsOf(shown.id);
    const submits = paid.reduce((sum, one) => sum + one.submits, 0);
    return { merchant, shown, payments: paid.length, submits, isRepeated };
  });
  const [played] = await Promise.all([Promise.all(under), strike(scene, fault)]);
  return played;
}

async function strike({ stack, orders }: Scene, { step, victim }: Fault): Promise<void> {
  if (victim === undefined) return orders.taken(step);
  await orders.waiting(step);
  const pid = stack.describe().pids[victim];
  if (pid === undefined) throw new Error(`${victim} does not run, so it can't be killed.`);
  process.kill(pid, "SIGKILL");
  orders.release(step); // at once, so that what comes next finds nobody
  await eventually(
    `${victim} is started again`,
    () => ![pid, undefined].includes(stack.describe().pids[victim]),
    START_MS,
  );
}

const START_MS = 30_000;
