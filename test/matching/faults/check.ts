import { derivedId, hexOf } from "#mesh/ids.ts";
import type { Findings } from "../../kill/verdict.ts";
import { type Oracle, overStates } from "./oracle.ts";
import type { Seen, SeenTransfer } from "./seen.ts";

/** What a user has asked for, and the first answer that decided it. */
export type Told = {
  readonly owner: string;
  /** The name of the method. */
  readonly method: string;
  readonly key: string;
  /** The reason of a refusal. */
  readonly refusal?: string;
  /** The ids of the orders that the answer shows, and how many trades. */
  readonly orders: readonly string[];
  readonly trades: readonly string[];
  /** The orders that the same request has shown once more, in the end. */
  readonly again?: readonly string[];
};

/** What is compared: what should be, what is, what users were told, and what they had at first. */
export type Compared = {
  readonly oracle: Oracle;
  readonly seen: Seen;
  readonly told: readonly Told[];
  /** By purse. */
  readonly charged: ReadonlyMap<string, bigint>;
  /** The books as anybody sees them, each as the oracle writes it. */
  readonly books: ReadonlyMap<string, readonly string[]>;
};

/** Compares everything; violations by the sentence that they break. */
export function check(compared: Compared): Findings {
  return new Map(
    Object.entries(checks).map(([sentence, violations]) => [sentence, violations(compared)]),
  );
}

const checks: Readonly<Record<string, (compared: Compared) => string[]>> = {
  "the journal has no gap and no changed byte": ({ oracle }) => [...oracle.gaps],
  "books show what the oracle's do": ({ oracle, books }) =>
    [...oracle.books].flatMap(([market, wanted]) =>
      differences(market, wanted.join(", "), books.get(market)?.join(", ")),
    ),
  "orders are stored as the oracle has them": wrongOrders,
  "trades are stored as the oracle has them, each once": ({ oracle, seen }) =>
    compareMaps("the trade", oracle.trades, seen.trades),
  "what users were told stands": wrongAnswers,
  "the same request has shown the same orders once more": ({ told }) =>
    told.flatMap(({ method, key, orders, again }) =>
      again === undefined ? [] : differences(`${method} ${key}`, orders.join(), again.join()),
    ),
  "every trade is booked exactly once, to the unit": ({ oracle, seen }) =>
    compareMaps("the transfer", oracle.transfers, bookedOf(seen, oracle)),
  "every hold is what its order needs, and holds without orders are free": wrongHolds,
  "balances are exact, to the unit": wrongBalances,
  "nothing is owed any more": ({ seen }) => seen.owed.map((name) => `${name} is owed`),
  "no order was given up and placed (FUND-8)": ({ oracle, seen }) =>
    seen.burned
      .filter((id) => oracle.orders.has(id))
      .map((id) => `${id} was given up, and is there`),
};

function wrongOrders({ oracle, seen }: Compared): string[] {
  const wanted = new Map(
    [...oracle.orders].map(([id, { owner, market, state, facts }]) => {
      const { filledLots, filledUnits, remaining } = facts;
      const open = overStates.has(state) ? 0 : remaining;
      return [id, `${owner} ${market} ${state} ${open} ${filledLots} ${filledUnits}`];
    }),
  );
  const stored = new Map(
    [...seen.orders].map(([id, row]) => {
      const { owner, market, state, remaining, filledLots, filledUnits } = row;
      return [id, `${owner} ${market} ${state} ${remaining} ${filledLots} ${filledUnits}`];
    }),
  );
  return compareMaps("the order", wanted, stored);
}

/** An answer stands when what it shows is there, and what it refuses is not. */
function wrongAnswers({ oracle, told }: Compared): string[] {
  return told.flatMap(({ owner, method, key, refusal, orders, trades }) => {
    const about = `${method} ${key}`;
    if (refusal !== undefined) {
      const state = oracle.orders.get(derivedId(`order/${method}/${owner}/${key}`))?.state;
      const isPlaced = state !== undefined && state !== "REJECTED";
      return isPlaced ? [`${about} was refused with ${refusal}, and is ${state}`] : [];
    }
    const lost = orders.filter((id) => oracle.orders.get(hexOf(id))?.owner !== owner);
    const gone = trades.filter((name) => !oracle.trades.has(name));
    const ended = endings.has(method)
      ? orders.filter((id) => !overStates.has(oracle.orders.get(hexOf(id))?.state ?? "REJECTED"))
      : [];
    return [
      lost.map((id) => `${about} has shown the order ${id}, which is lost`),
      gone.map((name) => `${about} has shown the trade ${name}, which is lost`),
      ended.map((id) => `${about} has ended the order ${id}, which is live`),
    ].flat();
  });
}

const endings: ReadonlySet<string> = new Set(["CancelOrder"]);

/** What billing has booked of trades: all legs, of which the fifth is a release by its code. */
function bookedOf({ transfers }: Seen, oracle: Oracle): Map<string, bigint> {
  const booked = new Map<string, bigint>();
  for (const { id, code, minor } of transfers) {
    if (code !== "ORDER" || oracle.transfers.has(id)) booked.set(id, minor);
  }
  return booked;
}

/** Of each hold: what was taken, less what was released and used, is what the rest needs. */
function wrongHolds({ oracle, seen }: Compared): string[] {
  const isOfOrder = ({ id, code }: SeenTransfer) => code === "ORDER" && !oracle.transfers.has(id);
  const left = new Map<string, bigint>();
  for (const { about, minor, isOut } of seen.transfers.filter(isOfOrder)) {
    left.set(about, (left.get(about) ?? 0n) + (isOut ? -minor : minor));
  }
  for (const [hold, minor] of oracle.used) left.set(hold, (left.get(hold) ?? 0n) - minor);
  const needs = new Map([...oracle.needs].map(([hold, { minor }]) => [hold, minor]));
  return [...new Set([...left.keys(), ...needs.keys()])].flatMap((hold) => {
    const [is, wanted] = [left.get(hold) ?? 0n, needs.get(hold) ?? 0n];
    return is === wanted ? [] : [`the hold ${hold} has ${is}, not ${wanted}`];
  });
}

function wrongBalances({ oracle, seen, charged }: Compared): string[] {
  const needed = new Map<string, bigint>();
  for (const { purse, minor } of oracle.needs.values()) {
    needed.set(purse, (needed.get(purse) ?? 0n) + minor);
  }
  return [...charged].flatMap(([purse, minor]) => {
    const held = needed.get(purse) ?? 0n;
    const free = minor + (oracle.moved.get(purse) ?? 0n) - held;
    const isFree = differences(`what ${purse} has free`, free, seen.free.get(purse));
    return isFree.concat(
      differences(`what ${purse} has behind orders`, held, seen.held.get(purse)),
    );
  });
}

function compareMaps<T extends string | bigint>(
  what: string,
  wanted: ReadonlyMap<string, T>,
  is: ReadonlyMap<string, T>,
): string[] {
  return [...new Set([...wanted.keys(), ...is.keys()])].flatMap((key) =>
    differences(`${what} ${key}`, wanted.get(key), is.get(key)),
  );
}

function differences<T extends string | bigint>(
  what: string,
  wanted: T | undefined,
  is: T | undefined,
): string[] {
  if (wanted === is) return [];
  return [`${what} is ${is ?? "missing"}, not ${wanted ?? "there"}`];
}
