import assert from "node:assert";
import type { AmendCommand, Command, NewOrder } from "../domain/command.ts";
import type { Event, OrderFacts } from "../domain/event.ts";
import { type RatesOf, releasesOf, tradeMoney } from "../domain/event-money.ts";
import { type Scales, holdMinor, needMinor, ocoHoldMinor } from "../domain/money.ts";
import type { Answer } from "./books.ts";

type Asset = "base" | "quote";
type Balances = Record<Asset, bigint>;

/** What was taken for an order, and where it went. */
type Hold = {
  readonly account: number;
  readonly asset: Asset;
  taken: bigint;
  used: bigint;
  released: bigint;
  /** The number of the last release. */
  step: number;
};

/** The least ledger that the orders of one market need: holds before, settlement after. */
export type Wallet = {
  readonly scales: Scales;
  readonly ratesOf: RatesOf;
  /** What an account may spend. */
  readonly free: (account: number) => Balances;
  /** By the order whose id the hold has; a hold of which nothing is left is gone. */
  readonly holds: Map<string, Hold>;
  readonly live: Map<string, OrderFacts>;
  feesMinor: bigint;
};

/** A wallet without any money. */
export function createWallet(scales: Scales, ratesOf: RatesOf): Wallet {
  const accounts = new Map<number, Balances>();
  const free = (account: number) => {
    const balances = accounts.get(account) ?? { base: 0n, quote: 0n };
    accounts.set(account, balances);
    return balances;
  };
  return { scales, ratesOf, free, holds: new Map(), live: new Map(), feesMinor: 0n };
}

/**
 * Holds what a command needs, applies it, and settles what it did. What lacks money is not applied.
 * Fails when a hold would go below zero or its releases are not numbered upwards.
 */
export function runFunded(
  wallet: Wallet,
  command: Command,
  apply: (command: Command) => Answer,
): Answer {
  const { order, minor } = fundsOf(wallet, command);
  if (order !== undefined && !hold(wallet, order, minor)) {
    return { refusal: "INSUFFICIENT_FUNDS", events: [] };
  }
  let extra = command.kind === "AMEND" ? minor : 0n;
  const isExtra = command.kind === "AMEND" && extra > 0n;
  const answer = apply(isExtra ? withExtra(wallet, command, minor) : command);
  for (const event of answer.events) {
    const isAmended = event.kind === "AMENDED";
    settle(wallet, event, isAmended ? extra : 0n);
    if (isAmended) extra = 0n;
  }
  if (order !== undefined && extra > 0n) giveBack(wallet, order.hold, extra); // it was refused
  return answer;
}

/** Fails unless each live order holds exactly what it needs, and all others nothing. */
export function checkHolds(wallet: Wallet): void {
  const needs = new Map<string, bigint>();
  for (const facts of wallet.live.values()) {
    const need = needMinor(facts, wallet.ratesOf(facts.tier), wallet.scales);
    const other = needs.get(facts.hold) ?? 0n;
    needs.set(facts.hold, need > other ? need : other); // of an OCO the larger
  }
  for (const [order, { taken, used, released }] of wallet.holds) {
    assert.strictEqual(taken - used - released, needs.get(order) ?? 0n, `the hold of ${order}`);
  }
}

/** All money there is, of both assets; trades and orders change nothing of it. */
export function totalOf(wallet: Wallet, accounts: readonly number[]): Balances {
  const total = { base: 0n, quote: wallet.feesMinor };
  for (const account of accounts) {
    total.base += wallet.free(account).base;
    total.quote += wallet.free(account).quote;
  }
  for (const { asset, taken, used, released } of wallet.holds.values()) {
    total[asset] += taken - used - released;
  }
  return total;
}

type Funded = { readonly hold: string; readonly account: number; readonly side: string };

/** What a command holds before it is applied, and for which order. */
function fundsOf(
  wallet: Wallet,
  command: Command,
): { readonly order?: Funded; readonly minor: bigint } {
  const { scales, ratesOf } = wallet;
  const rates = (order: NewOrder) => ratesOf(order.tier);
  if (command.kind === "PLACE" || command.kind === "REPLACE") {
    const order = { hold: command.order, account: command.account, side: command.side };
    return { order, minor: holdMinor(command, rates(command), scales) };
  }
  if (command.kind === "OCO") {
    const { limit, stop, account } = command;
    const both = { limit: rates(limit), stop: rates(stop) };
    const order = { hold: limit.order, account, side: limit.side };
    return { order, minor: ocoHoldMinor(command, both, scales) };
  }
  const now = command.kind === "AMEND" ? wallet.live.get(command.order) : undefined;
  const isMore = command.kind === "AMEND" && (command.lots > 0 || command.reservePrice > 0);
  if (!isMore || now?.account !== command.account) return { minor: 0n };
  const wanted = {
    ...now,
    reservePrice: command.reservePrice || now.reservePrice,
    remaining: command.lots > 0 ? Math.max(0, command.lots - now.filledLots) : now.remaining,
  };
  const need = (facts: OrderFacts) => needMinor(facts, ratesOf(now.tier), scales);
  const minor = need(wanted) - need(now);
  return minor > 0n ? { order: now, minor } : { minor: 0n };
}

/** The amendment with what its extra hold holds: of a sell in lots, of a buy in minor units. */
function withExtra(wallet: Wallet, command: AmendCommand, minor: bigint): AmendCommand {
  const isSell = wallet.live.get(command.order)!.side === "SELL";
  return { ...command, holdStep: 1, extraHold: isSell ? minor / wallet.scales.baseScale : minor };
}

/** Takes money for an order, once more for an amendment; false when there is not enough. */
function hold(wallet: Wallet, order: Funded, minor: bigint): boolean {
  const { account } = order;
  const asset: Asset = order.side === "BUY" ? "quote" : "base";
  const balances = wallet.free(account);
  const known = wallet.holds.get(order.hold);
  if (balances[asset] < minor) return false;
  balances[asset] -= minor;
  const none = { account, asset, taken: 0n, used: 0n, released: 0n, step: 0 };
  const held = known ?? none;
  held.taken += minor;
  wallet.holds.set(order.hold, held);
  return true;
}

function settle(wallet: Wallet, event: Event, extra: bigint): void {
  if (event.kind === "STATE") return;
  if (event.kind === "TRADE") settleTrade(wallet, event);
  for (const { facts, minor } of releasesOf(event, wallet.ratesOf, wallet.scales, extra)) {
    const held = wallet.holds.get(facts.hold)!;
    assert(facts.releases > held.step, "releases are numbered upwards");
    held.step = facts.releases;
    giveBack(wallet, facts.hold, minor);
  }
  const isMeeting = event.kind === "TRADE" || event.kind === "PREVENTED";
  for (const facts of isMeeting ? [event.taker, event.maker] : [event.facts]) {
    if (isOver(event, facts)) endOrder(wallet, facts);
    else wallet.live.set(facts.order, facts);
  }
}

/** What is held of an order that is over stays, to be found; of most it is nothing. */
function endOrder(wallet: Wallet, facts: OrderFacts): void {
  const held = wallet.holds.get(facts.hold); // of an OCO it may have gone with the other leg
  if (held?.taken === (held?.used ?? 0n) + (held?.released ?? 0n)) wallet.holds.delete(facts.hold);
  wallet.live.delete(facts.order);
}

function isOver(event: Exclude<Event, { kind: "STATE" }>, facts: OrderFacts): boolean {
  const isEnd = ["REJECTED", "CANCELLED", "EXPIRED", "CLOSED"].includes(event.kind);
  const isPrevented =
    event.kind === "PREVENTED" && (facts === event.taker ? event.takerEnds : event.makerEnds);
  const isFilled = event.kind === "TRADE" && facts.remaining === 0 && facts.quoteMinor === 0n;
  return isEnd || isPrevented || isFilled;
}

function settleTrade(wallet: Wallet, trade: Event & { readonly kind: "TRADE" }): void {
  const money = tradeMoney(trade, wallet.ratesOf, wallet.scales);
  for (const part of Object.values(money)) assert(part >= 0n, "no part of a trade is negative");
  const isTakerBuyer = trade.taker.side === "BUY";
  const buyer = isTakerBuyer ? trade.taker : trade.maker;
  const seller = isTakerBuyer ? trade.maker : trade.taker;
  use(wallet, buyer.hold, money.quoteMinor + money.buyerFeeMinor);
  use(wallet, seller.hold, money.baseMinor);
  giveBack(wallet, buyer.hold, money.freedMinor);
  wallet.free(buyer.account).base += money.baseMinor;
  wallet.free(seller.account).quote += money.quoteMinor - money.sellerFeeMinor;
  wallet.feesMinor += money.buyerFeeMinor + money.sellerFeeMinor;
}

function use(wallet: Wallet, order: string, minor: bigint): void {
  const held = wallet.holds.get(order)!;
  held.used += minor;
  assert(held.used + held.released <= held.taken, "a hold is not overrun");
}

function giveBack(wallet: Wallet, order: string, minor: bigint): void {
  const held = wallet.holds.get(order)!;
  held.released += minor;
  assert(held.used + held.released <= held.taken, "a hold is not overrun");
  wallet.free(held.account)[held.asset] += minor;
}
