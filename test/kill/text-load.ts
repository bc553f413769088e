import { setTimeout as delay } from "node:timers/promises";
import type { Clients, Customer } from "./clients.ts";
import type { Load } from "./load.ts";
import { type Action, attempt, type Journal, perform } from "./perform.ts";
import type { Random } from "./random.ts";
import { idsOf, MAX_BATCH, textActionsOf } from "./text-actions.ts";

/** Who sends, and how it is chosen what. */
export type TextLoadOptions = {
  readonly run: string;
  readonly random: Random;
  /** The last has money for some texts, the others for all. */
  readonly customers: readonly Customer[];
  /** How long each of them waits after each call at most, so that others have room too. */
  readonly maxPauseMs: number;
};

/** A load of texts, which goes on after a stop until a number of them were taken. */
export type TextLoad = { readonly stop: (least: number) => ReturnType<Load["stop"]> };

/** Keeps several customers busy with single texts and batches, with pauses between them. */
export function startTextLoad(
  clients: Clients,
  journal: Journal,
  { run, random, customers, maxPauseMs }: TextLoadOptions,
): TextLoad {
  const actions = textActionsOf(clients, run, random);
  const past: Action[] = [];
  let made = 0;
  const texts = { taken: 0, least: Number.POSITIVE_INFINITY };
  const choose = (n: number): Action => {
    const isPoor = random.below(100) < POOR_BELOW;
    const customer = isPoor ? customers.at(-1)! : random.pick(customers.slice(0, -1));
    const count = random.below(100) < BATCH_BELOW ? 2 + random.below(MAX_BATCH - 2) : 1;
    return count === 1 ? actions.send(n, customer) : actions.sendBatch(n, customer, count);
  };
  const act = async () => {
    if (random.below(100) < REPEAT_BELOW && past.length > 0) {
      await attempt(random.pick(past), journal);
      return;
    }
    const action = choose(made++);
    const answer = await perform(action, journal);
    if (answer !== undefined) past.push(action);
    if (answer?.done === true) texts.taken += idsOf(answer.reply).length;
    if (past.length > MAX_PAST) past.splice(random.below(MAX_PAST), 1);
  };
  const work = async () => {
    while (texts.taken < texts.least) {
      await act();
      await delay(random.below(maxPauseMs));
    }
  };
  const workers = Array.from({ length: WORKERS }, work);
  return {
    async stop(wanted) {
      texts.least = wanted;
      await Promise.all(workers);
      return texts.taken;
    },
  };
}

const WORKERS = 4;
const MAX_PAST = 100;

/** Of a hundred: so many are batches, so many are of the poor, so many repeat what was done. */
const BATCH_BELOW = 20;
const POOR_BELOW = 8;
const REPEAT_BELOW = 10;
