import type { AllBanks } from "../../scripts/platform/all-banks.ts";
import type { Stack } from "../../scripts/platform/boot.ts";
import { eventually } from "../processes.ts";
import type { Fault } from "./fault.ts";
import type { Answer } from "./http.ts";
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

/** A withdrawal that has met faults, as its caller saw it in the end. */
export type Played = {
  readonly merchant: Merchant;
  readonly key: string;
  /** The first answer that decided something. */
  readonly answer: Answer;
  readonly shown: Shown;
};

/** What the banks say of a withdrawal, and what its caller hears once more. */
export type Witness = {
  /** How often the banks have paid it, and how often they got it. */
  readonly payments: number;
  readonly submits: number;
  /** Whether the same key got the answer of the first time again. */
  readonly isRepeated: boolean;
};

/** Faults under way: when the last has struck and all runs again, and when what met them has ended. */
export type Playing = {
  readonly struck: Promise<void>;
  readonly ended: Promise<readonly Played[]>;
};

/**
 * Has merchants withdraw over and over while things go wrong, each withdrawal with one key that is
 * repeated until it is answered, and follows the withdrawals to their ends.
 */
export function playFaults(scene: Scene, faults: readonly Fault[]): Playing {
  const { orders, stack } = scene;
  for (const { step, victim } of faults) orders.give(step, victim === undefined ? "kill" : "wait");
  const over = new AbortController();
  const under = keepWithdrawing(scene, over.signal);
  const strikes = faults.map(async (fault) => strike(scene, fault));
  const all = Promise.all(strikes).finally(() => over.abort());
  return {
    struck: all.then(async () => stack.ready(READY_MS)),
    ended: all.then(async () => Promise.all(under)),
  };
}

/** Begins a withdrawal of each merchant at once, and one more every moment until it is over. */
function keepWithdrawing({ people, merchants }: Scene, over: AbortSignal): Promise<Played>[] {
  const play = async (merchant: Merchant): Promise<Played> => {
    const key = crypto.randomUUID();
    const answer = await withdraw(people, merchant, { key });
    return { merchant, key, answer, shown: await ended(people, merchant, shownIn(answer).id) };
  };
  const begun = merchants.map(play);
  const timer = setInterval(() => {
    if (begun.length < MAX_BEGUN) begun.push(play(merchants[begun.length % merchants.length]!));
  }, BEGIN_EVERY_MS);
  over.addEventListener("abort", () => clearInterval(timer));
  return begun;
}

/** Asks the banks about a withdrawal, and calls once more with its key. */
export async function witnessOf(
  { people, bank }: Pick<Scene, "people" | "bank">,
  { merchant, key, answer, shown }: Played,
): Promise<Witness> {
  const again = await withdraw(people, merchant, { key });
  const isRepeated = JSON.stringify(again.json) === JSON.stringify(answer.json);
  const paid = await bank.paymentsOf(shown.id);
  const submits = paid.reduce((sum, one) => sum + one.submits, 0);
  return { payments: paid.length, submits, isRepeated };
}

async function strike({ stack, orders }: Scene, { step, victim }: Fault): Promise<void> {
  if (victim === undefined) return orders.taken(step);
  await orders.waiting(step);
  const { pids } = stack.describe();
  if (pids[victim] !== undefined) process.kill(pids[victim], "SIGKILL"); // else it is down anyway
  orders.release(step); // at once, so that what comes next finds nobody
  await eventually(
    `${victim} is started again`,
    () => ![pids[victim], undefined].includes(stack.describe().pids[victim]),
    READY_MS,
  );
}

const READY_MS = 60_000;
/** Often enough that somebody comes to every step soon, so rarely that the machine has time. */
const BEGIN_EVERY_MS = 250;
const MAX_BEGUN = 100;
