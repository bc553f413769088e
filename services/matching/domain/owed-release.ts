import type { OrderId } from "./command.ts";

/** A part of a hold that its account is to get back outside of trades (FLOW-17). */
export type OwedRelease = {
  /** The order whose id the hold has. */
  readonly hold: OrderId;
  /** Which release of the hold it is, from 1: a release has the same number whenever it is made. */
  readonly step: number;
  /** Whose hold it is, as the 32 hex digits of a UUID. */
  readonly owner: string;
  readonly asset: string;
  /** More than 0, in minor units of the asset. */
  readonly minor: bigint;
};

/**
 * The number of the release by which an extra hold of an amendment comes back that was never used;
 * those that the engine counts stay far below.
 */
export function unusedStep(holdStep: number): number {
  return UNUSED_STEPS + holdStep;
}

const UNUSED_STEPS = 900_000;
