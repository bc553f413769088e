import { setTimeout as delay } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { Order_State as State } from "#gen/mizan/matching/v1/order_pb.ts";
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

/** What of the market's assets the people have, and whether all of it is accounted for. */
export async function tradesAddUp(stage: Stage): Promise<ReadonlyMap<string, boolean>> {
  const { dana, emil } = stage;
  const [first, second] = [await walletOf(dana), await walletOf(emil)];
  const coins = [first, second].reduce((sum, wallet) => sum + coinsOf(wallet), 0n);
  const money = [first, second].reduce((sum, wallet) => sum + moneyOf(wallet), 0n);
  const fees = (await Promise.all([dana, emil].map(feesOf))).reduce((sum, fee) => sum + fee, 0n);
  return new Map([
    ["Dana and Emil have the coins that were there, to the unit", coins === 100n * 10n ** 8n],
    ["their money and the fees are what was there, to the unit", money + fees === 10n ** 9n],
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
      if (side === 1) need.money += toMinor(held, 2);
      else need.coins += toMinor(held, 8);
    }
    const isHeld = toMinor(moneyHeld, 2) === need.money && toMinor(coinsHeld, 8) === need.coins;
    return isHeld && bought;
  });
  return (await Promise.all(match)).every(Boolean);
}

/** Whether what an actor's fills have come to is on their wallet. */
async function coinsBought(actor: Actor): Promise<boolean> {
  const { fills } = await actor.calls.orders.listFills({ market: MARKET, pageSize: 1000 });
  const net = fills.reduce((sum, { side, size }) => {
    const lots = toMinor(size, 8);
    return side === 1 ? sum + lots : sum - lots;
  }, 0n);
  const wallet = await walletOf(actor);
  const start = actor.name === "Emil" ? 100n * 10n ** 8n : 0n;
  return coinsOf(wallet) === start + net;
}

async function feesOf({ calls }: Actor): Promise<bigint> {
  const { fills } = await calls.orders.listFills({ market: MARKET, pageSize: 1000 });
  return fills.reduce((sum, { fee }) => sum + toMinor(fee, 2), 0n);
}

const coinsOf = ({ coins, coinsHeld }: Wallet) => toMinor(coins, 8) + toMinor(coinsHeld, 8);
const moneyOf = ({ money, moneyHeld }: Wallet) => toMinor(money, 2) + toMinor(moneyHeld, 2);

function cells({ money, moneyHeld, coins, coinsHeld }: Wallet): string[] {
  return [money, moneyHeld, coins, coinsHeld].map(withCommas);
}

function line([name = "", when = "", ...amounts]: readonly string[]): string {
  const columns = amounts.map((amount) => amount.padStart(16));
  return `     ${name.padEnd(5)}${when.padEnd(14)}${columns.join("")}`;
}

const LIVE = [State.NEW, State.PARTIALLY_FILLED, State.PENDING_TRIGGER];
const WAIT_MS = 15_000;
