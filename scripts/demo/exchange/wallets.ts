import { setTimeout as delay } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { Order_State as State, Side } from "#gen/mizan/matching/v1/order_pb.ts";
import type { Fill } from "#gen/mizan/matching/v1/trade_pb.ts";
import { toMinor } from "#mesh/money.ts";
import { withCommas } from "../amounts.ts";
import type { Actor, Stage } from "../stage.ts";
import { COIN, MARKET } from "./market.ts";

/** What a trader has of both assets of the market, as decimals. */
type Wallet = {
  readonly money: string;
  readonly moneyHeld: string;
  readonly coins: string;
  readonly coinsHeld: string;
};

/** Remembers what both traders have; tells it with what they had then. */
export async function tradingTeller({ dana, emil }: Stage): Promise<() => Promise<string>> {
  const people = [dana, emil];
  const before = await Promise.all(people.map(walletOf));
  return async () => {
    const after = await Promise.all(people.map(walletOf));
    const rows = people.flatMap(({ name }, index) =>
      isDeepStrictEqual(before[index], after[index])
        ? [line([name, "before, after", ...cells(before[index]!)])]
        : [
            line([name, "before", ...cells(before[index]!)]),
            line(["", "after", ...cells(after[index]!)]),
          ],
    );
    return [line(["", "", "IRR available", "held", `${COIN} available`, "held"]), ...rows].join(
      "\n",
    );
  };
}

/** Waits until the ledger holds for both what their open orders need, and no trade is under way. */
export async function settled(stage: Stage): Promise<void> {
  const endMs = performance.now() + WAIT_MS;
  while (!(await holdsMatch(stage))) {
    if (performance.now() > endMs) throw new Error("Trades are still not settled.");
    await delay(20);
  }
}

/**
 * What of the market's assets the people have, and whether all of it is accounted for. A run that
 * was interrupted leaves orders in the book: what was traded with those is counted by its fills.
 */
export async function tradesAddUp(stage: Stage): Promise<ReadonlyMap<string, boolean>> {
  const people = [stage.dana, stage.emil];
  const wallets = await Promise.all(people.map(walletOf));
  const fills = (await Promise.all(people.map(fillsOf))).flat();
  const coins = sumOf(wallets.map(coinsOf));
  const money = sumOf(wallets.map(moneyOf));
  const fees = sumOf(fills.map(({ fee }) => toMinor(fee, 2)));
  // Both sides of a trade between the two cancel each other out.
  const bought = sumOf(fills.map(({ side, size }) => signed(side, toMinor(size, 8))));
  const paid = sumOf(fills.map(({ side, quoteSize }) => signed(side, toMinor(quoteSize, 2))));
  const others = bought === 0n && paid === 0n ? "" : ", but for trades with orders of earlier runs";
  return new Map([
    [
      `Dana and Emil have the coins that were there, to the unit${others}`,
      coins === COINS + bought,
    ],
    [
      `their money and the fees are what was there, to the unit${others}`,
      money + fees === MONEY - paid,
    ],
    ["nothing is held for orders that are over", await holdsMatch(stage)],
  ]);
}

async function walletOf({ calls }: Actor): Promise<Wallet> {
  const { balances } = await calls.wallet.listBalances({});
  const find = (asset: string) => balances.find(({ available }) => available?.asset === asset);
  const [money, coins] = [find("IRR"), find(COIN)];
  return {
    money: money?.available?.amount ?? "0.00",
    moneyHeld: money?.held?.amount ?? "0.00",
    coins: coins?.available?.amount ?? "0.00000000",
    coinsHeld: coins?.held?.amount ?? "0.00000000",
  };
}

async function holdsMatch({ dana, emil }: Stage): Promise<boolean> {
  const match = [dana, emil].map(async (one) => {
    const { orders } = await one.calls.orders.listOrders({ market: MARKET, states: LIVE });
    const { moneyHeld, coinsHeld } = await walletOf(one);
    const bought = await coinsBought(one);
    const need = { money: 0n, coins: 0n };
    for (const { side, held } of orders) {
      if (side === Side.BUY) need.money += toMinor(held, 2);
      else need.coins += toMinor(held, 8);
    }
    const isHeld = toMinor(moneyHeld, 2) === need.money && toMinor(coinsHeld, 8) === need.coins;
    return isHeld && bought;
  });
  return (await Promise.all(match)).every(Boolean);
}

/** Whether what an actor's fills have come to is on their wallet. */
async function coinsBought(actor: Actor): Promise<boolean> {
  const fills = await fillsOf(actor);
  const net = sumOf(fills.map(({ side, size }) => signed(side, toMinor(size, 8))));
  const start = actor.name === "Emil" ? COINS : 0n;
  return coinsOf(await walletOf(actor)) === start + net;
}

async function fillsOf({ calls }: Actor): Promise<readonly Fill[]> {
  return (await calls.orders.listFills({ market: MARKET, pageSize: 1000 })).fills;
}

const sumOf = (amounts: readonly bigint[]) => amounts.reduce((sum, amount) => sum + amount, 0n);
const signed = (side: Side, amount: bigint) => (side === Side.BUY ? amount : -amount);
const coinsOf = ({ coins, coinsHeld }: Wallet) => toMinor(coins, 8) + toMinor(coinsHeld, 8);
const moneyOf = ({ money, moneyHeld }: Wallet) => toMinor(money, 2) + toMinor(moneyHeld, 2);

function cells({ money, moneyHeld, coins, coinsHeld }: Wallet): string[] {
  return [money, moneyHeld, coins, coinsHeld].map(withCommas);
}

function line([name = "", when = "", ...amounts]: readonly string[]): string {
  const columns = amounts.map((amount) => amount.padStart(16));
  return `     ${name.padEnd(5)}${when.padEnd(14)}${columns.join("")}`;
}

/** What Emil and Dana are given, in the smallest units. */
const COINS = 100n * 10n ** 8n;
const MONEY = 10n ** 9n;
const LIVE = [State.NEW, State.PARTIALLY_FILLED, State.PENDING_TRIGGER];
const WAIT_MS = 15_000;
