import type { SelfTradePrevention } from "./command.ts";

/** What a fee is on the wire: parts per million, and a decimal of the quote asset for each lot. */
export type FeeText = { readonly ppm: number; readonly perLot: string };

/** Bounds of sizes as decimals; what is empty has the usual value. */
export type SizeText = { readonly min: string; readonly max: string; readonly step: string };

/**
 * What an administrator says that a market accepts and charges, as the wire has it: decimals in
 * major units; what is empty, absent or 0 has the usual value.
 */
export type MarketText = {
  readonly makerFee?: FeeText | undefined;
  readonly takerFee?: FeeText | undefined;
  readonly minPrice: string;
  readonly maxPrice: string;
  readonly size?: SizeText | undefined;
  readonly marketSize?: SizeText | undefined;
  readonly minNotional: string;
  readonly maxNotional: string;
  readonly percentPriceLowPpm: number;
  readonly percentPriceHighPpm: number;
  readonly priceBandPpm: number;
  readonly listingPrice: string;
  readonly maxOpenOrders: number;
  readonly maxStopOrders: number;
  readonly maxPosition: string;
  readonly maxAmendments: number;
  readonly maxIcebergParts: number;
  readonly stpModes: readonly SelfTradePrevention[];
  /** Undefined is the usual one. */
  readonly defaultStp: SelfTradePrevention | undefined;
};
