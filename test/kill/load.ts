import { type Actions, actionsOf } from "./actions.ts";
import type { Clients, Customer } from "./clients.ts";
import { type Held, holdActionsOf } from "./hold-actions.ts";
import { type Action, attempt, type Journal, perform } from "./perform.ts";
import type { Random } from "./random.ts";

/** A load that runs until it is stopped. */
export type Load = {
  /** Those who have money for texts: most for all, one for some. */
  readonly customers: readonly Customer[];
  /** Ends the load after what is under way, and returns how many actions there were. */
  stop(): Promise<number>;
};

/** What the load works with, and what it has made so far. */
type World = {
  readonly actions: Actions;
  readonly holdActions: ReturnType<typeof holdActionsOf>;
  readonly journal: Journal;
  readonly random: Random;
  readonly users: string[];
  readonly holds: Held[];
  readonly past: Action[];
  readonly customers: Customer[];
};

/** Registers the first users, each with money, and then keeps several clients busy. */
export async function startLoad(
  clients: Clients,
  journal: Journal,
  { run, random, workers: count }: { run: string; random: Random; workers: number },
): Promise<Load> {
  const actions = actionsOf(clients, run);
  const holdActions = holdActionsOf(clients, run);
  const world: World = {
    actions,
    holdActions,
    journal,
    random,
    users: [],
    holds: [],
    past: [],
    customers: [],
  };
  const stopping = new AbortController();
  let made = 0;
  for (; made < FIRST_USERS; made++) await register(made, world);
  for (const [index, user] of world.users.entries()) {
    await perform(actions.charge(made++, user, fortunes[index]), journal);
  }
  const work = async () => {
    while (!stopping.signal.aborted) await act(made++, world);
  };
  const workers = Array.from({ length: count }, work);
  return {
    customers: world.customers.slice(0, fortunes.length),
    async stop() {
      stopping.abort();
      await Promise.all(workers);
      return made;
    },
  };
}

async function register(n: number, world: World): Promise<void> {
  const { actions, journal, users, customers } = world;
  const action = actions.register(n);
  const answer = await perform(action, journal);
  if (answer?.done !== true) return;
  users.push(answer.reply);
  customers.push(action.customer);
}

/** Does one thing, or once more one that was done before. */
async function act(n: number, world: World): Promise<void> {
  const { journal, random, users, holds, past } = world;
  const dice = random.below(100);
  if (dice < REGISTER_BELOW && users.length < MAX_USERS) return register(n, world);
  if (dice < REPEAT_BELOW && past.length > 0) {
    await attempt(random.pick(past), journal);
    return;
  }
  const action = choose(n, world);
  const answer = await perform(action, journal);
  if (answer?.done === true && action.held !== undefined) holds.push(action.held);
  if (answer !== undefined) past.push(action);
  if (past.length > MAX_PAST) past.splice(random.below(MAX_PAST), 1);
}

/** A hold may be captured by one client and released by another; the ledger lets one of them. */
function choose(n: number, world: World): Action & { readonly held?: Held } {
  const { actions, holdActions, random, users, holds } = world;
  const user = random.pick(users);
  const recent = holds.slice(-RECENT_HOLDS);
  const dice = random.below(100);
  if (dice < 30) return actions.charge(n, user);
  if (dice < 50) return actions.transfer(n, user, random.pick(users.filter((one) => one !== user)));
  if (dice < 75 || recent.length === 0) return holdActions.reserve(n, user);
  const held = random.pick(recent);
  return dice < 90 ? holdActions.capture(held) : holdActions.release(held);
}

/** What the first users get to spend on texts, in cents; a part of a text costs 100,000 or more. */
const fortunes = [50_000_000_000n, 50_000_000_000n, 50_000_000_000n, 20_000_000n];

const FIRST_USERS = 6;
const MAX_USERS = 60;
const MAX_PAST = 200;
const RECENT_HOLDS = 10;

/** Of a hundred: so many register, and so many more repeat what was done. */
const REGISTER_BELOW = 3;
const REPEAT_BELOW = 13;
