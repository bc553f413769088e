import type { Side } from "../domain/command.ts";
import type { Level } from "./market-texts.ts";
import type { FedBatch } from "./read-batch.ts";

/** What those who follow a book know of it. */
export type ShownLevels = {
  /**
   * The levels of a side that are not as they were, from the best on, and takes them for known: of
   * the given prices, or without them of all.
   */
  readonly changes: (side: Side, engine: FedBatch["engine"], prices?: Iterable<number>) => Level[];
};

/** Begins with the book of a market as it is. */
export function showLevels(no: number, begin: FedBatch["engine"]): ShownLevels {
  const shown = { BUY: new Map<number, number>(), SELL: new Map<number, number>() };
  const change = (side: Side, price: number, lots: number): Level[] => {
    if ((shown[side].get(price) ?? 0) === lots) return [];
    if (lots === 0) shown[side].delete(price);
    else shown[side].set(price, lots);
    return [{ price, lots }];
  };
  const changes: ShownLevels["changes"] = (side, engine, prices) => {
    const sorted = (levels: Level[]) =>
      levels.toSorted((one, other) => (one.price - other.price) * (side === "BUY" ? -1 : 1));
    if (prices !== undefined) {
      const levels = Array.from(prices, (price) =>
        change(side, price, engine.volumeAt(no, side, price)),
      );
      return sorted(levels.flat());
    }
    const depth = engine.depth(no, side, Number.MAX_SAFE_INTEGER);
    const now = new Map(depth.map(({ price, lots }) => [price, lots]));
    const all = [...new Set([...shown[side].keys(), ...now.keys()])];
    return sorted(all.flatMap((price) => change(side, price, now.get(price) ?? 0)));
  };
  for (const side of ["BUY", "SELL"] as const) changes(side, begin);
  return { changes };
}
