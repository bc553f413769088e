import type { Scales } from "./money.ts";

/** A tick or a lot: the decimal step of a market's prices or quantities. */
export type Step = {
  /** The step times 10 to the power of `decimals`; from 1. */
  readonly coefficient: bigint;
  /** How many decimals the step was written with: the market's scale of such values. */
  readonly decimals: number;
};

/** Reads a step such as "0.05"; undefined when it is no plain decimal or not more than 0. */
export function toStep(decimal: string): Step | undefined {
  const read = readDecimal(decimal);
  return read !== undefined && read.coefficient > 0n ? read : undefined;
}

/**
 * A price of the wire in whole ticks (UNIT-4); undefined (PRICE_TICK) when it is no whole number of
 * them, which is never rounded. What no int32 holds is the largest, which no market's range reaches.
 */
export function toTicks(price: string, tick: Step): number | undefined {
  return toSteps(price, tick, MAX_TICKS);
}

/**
 * A quantity of the wire in whole lots (UNIT-4); undefined (QTY_STEP) when it is no whole number of
 * them. What is above 2^53 - 1 is that, which no market's range reaches.
 */
export function toLots(quantity: string, lot: Step): number | undefined {
  return toSteps(quantity, lot, Number.MAX_SAFE_INTEGER);
}

/** A number of ticks or lots as the decimal of the wire, at the scale of the market; never negative. */
export function fromSteps(count: number | bigint, step: Step): string {
  const digits = (BigInt(count) * step.coefficient).toString().padStart(step.decimals + 1, "0");
  if (step.decimals === 0) return digits;
  return `${digits.slice(0, -step.decimals)}.${digits.slice(-step.decimals)}`;
}

/** What a market counts in, and the decimals of its assets. */
export type MarketUnits = {
  readonly tick: Step;
  readonly lot: Step;
  readonly baseDecimals: number;
  readonly quoteDecimals: number;
};

/**
 * Minor units of base in a lot, and of quote in one tick times one lot (UNIT-2); undefined when one
 * of them is no whole number from 1 on, or more than rows and commands can hold: such a market can't
 * be listed.
 */
export function toScales(units: MarketUnits): Scales | undefined {
  const { tick, lot } = units;
  const baseScale = whole(lot, units.baseDecimals, MAX_BASE_SCALE);
  const product = {
    coefficient: tick.coefficient * lot.coefficient,
    decimals: tick.decimals + lot.decimals,
  };
  const quoteScale = whole(product, units.quoteDecimals, BigInt(Number.MAX_SAFE_INTEGER));
  if (baseScale === undefined || quoteScale === undefined) return undefined;
  return { baseScale, quoteScale };
}

/** The largest price of a market, which int32 holds, is below this (UNIT-1). */
export const MAX_TICKS = 2 ** 31 - 1;

function toSteps(decimal: string, step: Step, max: number): number | undefined {
  const value = readDecimal(decimal);
  if (value === undefined) return undefined;
  const decimals = Math.max(value.decimals, step.decimals);
  const divisor = step.coefficient * power(decimals - step.decimals);
  const dividend = value.coefficient * power(decimals - value.decimals);
  if (dividend % divisor !== 0n) return undefined;
  const steps = dividend / divisor;
  return steps > BigInt(max) ? max : Number(steps);
}

function whole(step: Step, decimals: number, most: bigint): bigint | undefined {
  const minor = step.coefficient * power(decimals);
  const divisor = power(step.decimals);
  const units = minor / divisor;
  return minor % divisor === 0n && units <= most ? units : undefined;
}

function readDecimal(text: string): Step | undefined {
  const match = text.length <= longest ? plain.exec(text) : null;
  const [, integer = "", fraction = ""] = match ?? [];
  if (match === null) return undefined;
  return { coefficient: BigInt(integer + fraction), decimals: fraction.length };
}

function power(decimals: number): bigint {
  return 10n ** BigInt(decimals);
}

/** The largest number of a column of whole numbers. */
const MAX_BASE_SCALE = 2n ** 63n - 1n;

const plain = /^(0|[1-9]\d*)(?:\.(\d+))?$/;

/** Room for 2^128 and as many decimals; longer ones are refused before any arithmetic. */
const longest = 80;
