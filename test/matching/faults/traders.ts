import { toMinor } from "#mesh/money.ts";
import type { DevFile } from "../../../scripts/platform/dev-file.ts";
import { type Answer, decided, type Http, type Json, reasonOf } from "../../withdrawals/http.ts";
import { sessionsOn } from "../../sessions.ts";
import { purseOf } from "./moves.ts";

/** Somebody with money who trades. */
export type Trader = {
  readonly id: string;
  /** The access token, made anew before it ends. */
  readonly token: () => Promise<string>;
};

/** The people of an exchange. */
export type Traders = {
  readonly http: Http;
  readonly all: readonly Trader[];
  /** What each had at first, by purse, in minor units. */
  readonly charged: ReadonlyMap<string, bigint>;
  /** Calls a method of OrderService for somebody until it is decided. */
  readonly order: (trader: Trader, method: string, body: object, key: string) => Promise<Answer>;
  /** The book of a market as anybody sees it: its prices in ticks, its sizes in lots. */
  readonly book: (market: TestMarket) => Promise<string[]>;
};

/** A market of the test. */
export type TestMarket = {
  readonly symbol: string;
  readonly tick: string;
  readonly lot: string;
  /** Around which price it is traded, in ticks. */
  readonly middle: number;
};

export const markets: readonly TestMarket[] = [
  { symbol: "BTC-USDT", tick: "0.1", lot: "0.0001", middle: 600_000 },
  { symbol: "ETH-BTC", tick: "0.00001", lot: "0.01", middle: 5000 },
];

/** The assets that are traded, with their decimals, and how much everybody has. */
export const assets = [
  { code: "USDT", scale: 6, amount: "200000" },
  { code: "BTC", scale: 8, amount: "5" },
  { code: "ETH", scale: 18, amount: "50" },
] as const;

/** Lists the markets of the test on a stack, and brings people with money there. */
export async function openTraders(dev: DevFile, count: number): Promise<Traders> {
  const { http, call, sessionOf, command } = sessionsOn(dev);
  const charged = new Map<string, bigint>();
  const join = async (): Promise<Trader> => {
    const username = `t-${crypto.randomUUID().slice(0, 18)}`;
    const joining = { key: crypto.randomUUID() };
    const asked = { username, password: "a long enough password" };
    const { user } = await call("core.v1.UserService/RegisterUser", asked, joining);
    const { id } = user as { id: string };
    for (const { code: asset, scale, amount } of assets) {
      const charge = { userId: id, amount: { asset, amount }, reference: "a test" };
      await command("billing.v1.WalletService/ChargeAccount", charge);
      charged.set(purseOf(id, asset), toMinor(amount, scale));
    }
    return { id, token: sessionOf(asked) };
  };
  for (const { symbol, tick, lot, middle } of markets) {
    const [baseAsset, quoteAsset] = symbol.split("-");
    const listing = { baseAsset, quoteAsset, tickSize: tick, lotSize: lot };
    const rules = { ...rulesOf, listingPrice: decimal(middle, tick) };
    await command("matching.v1.MarketAdminService/CreateMarket", { ...listing, rules });
    const opening = { market: symbol, state: "STATE_TRADING" };
    await command("matching.v1.MarketAdminService/SetMarketState", opening);
  }
  const all = await Promise.all(Array.from({ length: count }, join));
  return {
    http,
    all,
    charged,
    order: async (trader, method, body, key) => {
      const sent = { body, as: await trader.token(), key };
      return decided(http, `/mizan.matching.v1.OrderService/${method}`, sent);
    },
    book: async ({ symbol, tick, lot }) => {
      const asked = { market: symbol, depth: 5000 };
      const book = await call("matching.v1.MarketService/GetOrderBook", asked);
      const levels = (side: string, list: Json[] = []) =>
        list.map(
          ({ price, size }) =>
            `${side} ${stepsOf(price as string, tick)} ${stepsOf(size as string, lot)}`,
        );
      return [...levels("BUY", book["bids"] as Json[]), ...levels("SELL", book["asks"] as Json[])];
    },
  };
}

const rulesOf = {
  makerFee: { ppm: 500 },
  takerFee: { ppm: 1000 },
  maxOpenOrders: 100_000,
  maxStopOrders: 10_000,
  priceBandPpm: 500_000,
};

/** So many ticks or lots as a decimal. */
export function decimal(steps: number, step: string): string {
  const decimals = step.split(".")[1]!.length;
  const digits = (BigInt(steps) * toMinor(step, decimals)).toString().padStart(decimals + 1, "0");
  return `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}

function stepsOf(value: string, step: string): number {
  const decimals = step.split(".")[1]!.length;
  return Number(toMinor(value, decimals) / toMinor(step, decimals));
}

/** Why an answer refuses; undefined of one that went well. Throws when it says neither. */
export function refusalOf(answer: Answer): string | undefined {
  if (answer.status === 200) return undefined;
  const reason = reasonOf(answer);
  if (reason === undefined) throw new Error(`no reason: ${JSON.stringify(answer.json)}`);
  return reason;
}
