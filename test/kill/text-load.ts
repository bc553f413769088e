import { setTimeout as delay } from "node:timers/promises";
import type { Clients, Customer } from "./clients.ts";
import type { Load } from "./load.ts";
import { type Action, attempt, type Journal, perform } from "./perform.ts";
import type { Random } from "./random.ts";
import { MAX_BATCH, textActionsOf } from "./text-actions.ts";

/** Who sends, and how it is chosen what. */
export type TextLoadOptions = {
  readonly run: string;
  readonly random: Random;
  /** Each has money for some texts at least. */
  readonly customers: readonly Customer[];
};

/** A load of texts, which goes on after a stop until it has asked for a number of them. */
export type TextLoad = { readonly stop: (least: number) => ReturnType<Load["stop"]> };

/** Keeps several customers busy with single texts and batches, with pauses between them. */
export function startTextLoad(
  clients: Clients,
  journal: Journal,
  { run, random, customers }: TextLoadOptions,
): TextLoad {
  const actions = textActionsOf(clients, run, random);
  const past: Action[] = [];
  let made = 0;
  const asked = { texts: 0, least: Number.POSITIVE_INFINITY };
  const choose = (n: number): Action => {
    const customer = random.pick(customers);
    const count = random.below(100) < BATCH_BELOW ? 2 + random.below(MAX_BATCH - 2) : 1;
    asked.texts += count;
    return count === 1 ? actions.send(n, customer) : actions.sendBatch(n, customer, count);
  };
  const act = async () => {
    if (random.below(100) < REPEAT_BELOW && past.length > 0) {
      await attempt(random.pick(past), journal);
      return;
    }
    const action = choose(made++);
    if ((await perform(action, journal)) !== undefined) past.push(action);
    if (past.length > MAX_PAST) past.splice(random.below(MAX_PAST), 1);
  };
  const work = async () => {
    while (asked.texts < asked.least) {
      await act();
      await delay(random.below(MAX_PAUSE_MS));
    }
  };
  const workers = Array.from({ length: WORKERS }, work);
  return {
    async stop(wanted) {
      asked.least = wanted;
      await Promise.all(workers);
      return asked.texts;
    },
  };
}

const WORKERS = 4;
const MAX_PAST = 100;
/** So that there is room for all else on the machine. */
const MAX_PAUSE_MS = 600;

/** Of a hundred: so many are batches, and so many repeat what was done. */
const BATCH_BELOW = 20;
const REPEAT_BELOW = 10;
