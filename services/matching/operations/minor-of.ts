import { toMinor } from "#mesh/money.ts";

/** The minor units of a decimal; undefined when it is no amount of an asset with so many decimals. */
export function minorOf(text: string, decimals: number): bigint | undefined {
  try {
    return toMinor(text, decimals);
  } catch {
    return undefined;
  }
}
