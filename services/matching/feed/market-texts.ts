import { crc32 } from "node:zlib";
import { fromMinor } from "#mesh/money.ts";
import { checksumText } from "../domain/checksum.ts";
import type { ListedMarket } from "../domain/listed-market.ts";
import { fromSteps, type Step } from "../domain/units.ts";

/** Writes what the feeds of a market tell as the decimals of the wire. */
export type MarketTexts = {
  readonly no: number;
  readonly symbol: string;
  readonly price: (ticks: number) => string;
  readonly size: (lots: number | bigint) => string;
  /** Σ price × lots, in the quote asset. */
  readonly quote: (units: bigint) => string;
  /** The checksum of a book, whose best levels are given (FEED-4). */
  readonly checksum: (asks: readonly Level[], bids: readonly Level[]) => number;
};

/** What rests and shows at a price; 0 lots once the level is gone. */
export type Level = { readonly price: number; readonly lots: number };

/** Makes what writes the decimals of a market. */
export function textsOf({ no, symbol, units, scales }: ListedMarket): MarketTexts {
  const { tick, lot, quoteDecimals } = units;
  const [price, size] = [writerOf(tick), writerOf(lot)];
  return {
    no,
    symbol,
    price,
    size: (lots) => (typeof lots === "number" ? size(lots) : fromSteps(lots, lot)),
    quote: (sum) => fromMinor(sum * scales.quoteScale, quoteDecimals),
    checksum: (asks, bids) => crc32(checksumText(asks, bids, units)),
  };
}

/** What a feed writes most, without big integers where it goes without. */
function writerOf(step: Step): (count: number) => string {
  const { decimals } = step;
  const coefficient = Number(step.coefficient);
  return (count) => {
    const product = count * coefficient;
    if (!Number.isSafeInteger(product)) return fromSteps(count, step);
    const digits = String(product).padStart(decimals + 1, "0");
    return decimals === 0 ? digits : `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
  };
}
