import assert from "node:assert";
import type { CancelAllCommand, Command, MarketCommand, MarketState } from "./command.ts";
import type { Event, Refusal } from "./event.ts";
import { amend, reduce } from "./naive-amend.ts";
import { refreshReference } from "./naive-average.ts";
import { endOrder, endSibling } from "./naive-end.ts";
import { leavePlace } from "./naive-book.ts";
import { enterAsTaker } from "./naive-match.ts";
import { place, placeOco } from "./naive-place.ts";
import {
  type NaiveMarket,
  type NaiveOrder,
  type NaiveState,
  emit,
  factsOf,
  newMarket,
  newState,
} from "./naive-state.ts";

/** The books of a shard as the rules describe them, without any cleverness: the oracle. */
export type NaiveEngine = {
  readonly state: NaiveState;
  /** Applies a command at a time that is never before the last one's: what happened, or why not. */
  readonly apply: (
    command: Command,
    atMs: number,
  ) => { readonly refusal: Refusal | undefined; readonly events: readonly Event[] };
};

/** An engine without accounts, tiers and markets. */
export function createNaiveEngine(): NaiveEngine {
  const state = newState();
  return {
    state,
    apply: (command, atMs) => {
      assert(atMs >= state.atMs, "time goes back");
      state.atMs = atMs;
      state.events = [];
      const refusal = applyCommand(state, command);
      for (const market of state.markets.values()) drain(state, market);
      return { refusal, events: state.events };
    },
  };
}

function applyCommand(state: NaiveState, command: Command): Refusal | undefined {
  switch (command.kind) {
    case "ACCOUNT":
      state.accounts.set(command.account, { owner: command.owner, group: command.group });
      return undefined;
    case "TIER":
      state.tiers.set(command.tier, command);
      return undefined;
    case "MARKET":
      return setRules(state, command);
    case "STATE":
      return setState(state, state.markets.get(command.market), command.state);
    case "PLACE":
    case "REPLACE":
      return place(state, command);
    case "OCO":
      return placeOco(state, command);
    case "CANCEL_ALL":
      return cancelAll(state, command);
    case "EXPIRE":
      return expire(state);
    default:
      return changeOrder(state, command);
  }
}

function changeOrder(
  state: NaiveState,
  command: Command & { readonly kind: "CANCEL" | "REDUCE" | "AMEND" },
): Refusal | undefined {
  const market = state.markets.get(command.market);
  if (market === undefined) return "UNKNOWN_MARKET";
  const order = state.orders.get(command.order);
  const isOwn = order?.account === command.account && order.market === market;
  if (order === undefined || !isOwn) return "UNKNOWN_ORDER"; // the same for all (BOOK-3)
  if (command.kind === "REDUCE") return reduce(state, order, command);
  if (command.kind === "AMEND") return amend(state, order, command);
  endOrder(state, order, "CANCELLED", "USER");
  return undefined;
}

function setRules(state: NaiveState, { market: number, rules }: MarketCommand): undefined {
  const market = state.markets.get(number) ?? newMarket(number, rules);
  state.markets.set(number, market);
  market.rules = rules;
  refreshReference(market, state.atMs);
}

function setState(
  state: NaiveState,
  market: NaiveMarket | undefined,
  to: MarketState,
): Refusal | undefined {
  if (market === undefined) return "UNKNOWN_MARKET";
  if (market.state === to) return undefined;
  market.state = to;
  emit(state, market, { kind: "STATE", state: to });
  return undefined;
}

function cancelAll(state: NaiveState, command: CancelAllCommand): Refusal | undefined {
  const { market, account, session } = command;
  if (market !== 0 && !state.markets.has(market)) return "UNKNOWN_MARKET";
  for (const order of inOrderOfArrival(state)) {
    const isMeant =
      order.account === account &&
      (market === 0 || order.market.number === market) &&
      (session === 0 || order.session === session);
    if (isMeant && isLive(state, order)) endOrder(state, order, "CANCELLED", "CANCEL_ALL");
  }
  return undefined;
}

function expire(state: NaiveState): undefined {
  const isDue = ({ terms }: NaiveOrder) =>
    terms.timeInForce === "GTD" && terms.expireMs <= state.atMs;
  const due = inOrderOfArrival(state).filter(isDue);
  due.sort((one, other) => one.terms.expireMs - other.terms.expireMs);
  for (const order of due) if (isLive(state, order)) endOrder(state, order, "EXPIRED", "GTD");
}

/** The triggered stops enter one after the other, first in, first out (BOOK-4). */
function drain(state: NaiveState, market: NaiveMarket): void {
  for (;;) {
    const order = market.ready[0];
    if (order === undefined || market.state !== "TRADING") return;
    leavePlace(order);
    endSibling(state, order);
    emit(state, market, { kind: "TRIGGERED", facts: factsOf(order) });
    enterAsTaker(state, order);
  }
}

function inOrderOfArrival(state: NaiveState): NaiveOrder[] {
  return [...state.orders.values()];
}

function isLive(state: NaiveState, order: NaiveOrder): boolean {
  return state.orders.get(order.terms.order) === order;
}
