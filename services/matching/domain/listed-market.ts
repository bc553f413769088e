import type { Fee, MarketRules, MarketState, SelfTradePrevention } from "./command.ts";
import type { FeeRates, Scales } from "./money.ts";
import type { MarketUnits, Step } from "./units.ts";

/** What a market accepts and charges, in ticks, lots and minor units. */
export type MarketTerms = {
  readonly rules: MarketRules;
  readonly maker: Fee;
  readonly taker: Fee;
  /** What orders get that don't say. */
  readonly defaultStp: SelfTradePrevention;
};

/** A market that is listed: all that it takes to read and to show its orders. */
export type ListedMarket = {
  /** Its number in commands; from 1, without gaps. */
  readonly no: number;
  /** Such as "ABAN-IRR". */
  readonly symbol: string;
  readonly base: string;
  readonly quote: string;
  readonly units: MarketUnits;
  readonly scales: Scales;
  readonly terms: MarketTerms;
  /** As the rows of the market know it; the engine knows it first. */
  readonly state: MarketState;
  readonly createdMs: number;
  readonly updatedMs: number;
};

/** The step of a market's prices. */
export const tickOf = ({ units }: ListedMarket): Step => units.tick;

/** What orders of a market pay that are placed now (FUND-6). */
export const ratesOf = ({ terms: { maker, taker } }: ListedMarket): FeeRates => ({ maker, taker });
