import { Code, ConnectError } from "@connectrpc/connect";
import { type Market, Market_State as State } from "#gen/mizan/matching/v1/market_pb.ts";
import type { Stage, Step } from "../stage.ts";

/** The market of the demo. */
export const MARKET = "ABAN-IRR";

/** The coin that is traded there for the asset of the demo. */
export const COIN = "ABAN";

/** An administrator lists the market, unless an earlier run has, and gives both something to trade. */
export const openMarket: Step = {
  title: `An administrator opens ${MARKET}, and gives Dana money and Emil coins`,
  about: "trading",
  async act(stage) {
    const told = await listed(stage);
    await charge(stage, stage.dana.id, { asset: "IRR", amount: "10000000.00" });
    await charge(stage, stage.emil.id, { asset: COIN, amount: "100.00000000" });
    return told;
  },
};

/** A price of the market, so many ticks away from the average of the last trades. */
export async function priceNear({ dana }: Stage, ticks: number): Promise<string> {
  const { ticker } = await dana.calls.markets.getTicker({ market: MARKET });
  const average = Number(ticker?.averagePrice);
  if (!(average > 0)) throw new Error("GetTicker answered without an average price.");
  return String(Math.floor(average / TICK) * TICK + ticks * TICK);
}

/** Lists and opens the market where it is not; tells of it. */
async function listed({ admin, run }: Stage): Promise<string[]> {
  const known = await admin.calls.markets.getMarket({ market: MARKET }).catch(unlessUnknown);
  const market = known?.market ?? (await list({ admin, run }));
  const told = [`${market.symbol}: prices in ${market.tickSize}, sizes in ${market.lotSize}`];
  if (market.state === State.TRADING) return [...told, "it is open already"];
  const request = { requestId: `open-${run}`, market: MARKET, state: State.TRADING };
  await admin.calls.marketAdmin.setMarketState(request);
  return [...told, "it is open now"];
}

async function list({ admin, run }: Pick<Stage, "admin" | "run">): Promise<Market> {
  const asset = { requestId: `coin-${run}`, code: COIN, scale: 8 };
  await admin.calls.assets.createAsset(asset).catch(unlessThere);
  const { market } = await admin.calls.marketAdmin.createMarket({
    requestId: `market-${run}`,
    baseAsset: COIN,
    quoteAsset: "IRR",
    tickSize: String(TICK),
    lotSize: "0.001",
    rules: {
      listingPrice: "50000",
      makerFee: { ppm: 500 },
      takerFee: { ppm: 1000 },
      minNotional: "1000",
    },
  });
  if (market === undefined) throw new Error("CreateMarket answered without a market.");
  return market;
}

async function charge(
  { admin, run }: Stage,
  userId: string,
  amount: { readonly asset: string; readonly amount: string },
): Promise<void> {
  const requestId = `trader-${userId}-${run}`;
  await admin.calls.wallet.chargeAccount({ requestId, userId, amount, reference: "demo" });
}

function unlessUnknown(error: unknown): undefined {
  if (ConnectError.from(error).code !== Code.NotFound) throw error;
}

function unlessThere(error: unknown): void {
  if (ConnectError.from(error).code !== Code.AlreadyExists) throw error;
}

/** The step of prices, in IRR. */
const TICK = 10;
