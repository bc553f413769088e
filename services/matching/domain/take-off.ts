import * as extraWords from "./extras.ts";
import * as factWords from "./facts.ts";
import * as levelWords from "./levels.ts";
import * as orderWords from "./orders.ts";
import type { Shard } from "./shard.ts";

const { LEVEL_LOTS } = levelWords;
const { SHOWN } = extraWords;
const { REMAINING, TERMS } = factWords;
const { EXTRA, ICEBERG, IN_BOOK, LEVEL, PLACE_MASK, WAITING } = orderWords;

/** Takes lots off what remains of an order; an iceberg loses what it hides first. */
export function takeOff(shard: Shard, order: number, lots: number): void {
  const { words, reals } = shard.orders;
  const terms = words[order + TERMS]!;
  const remaining = reals[(order >> 1) + REMAINING]! - lots;
  reals[(order >> 1) + REMAINING] = remaining;
  const place = terms & PLACE_MASK;
  if (place !== IN_BOOK && place !== WAITING) return;
  let lost = lots;
  if ((terms & ICEBERG) !== 0) {
    const extra = words[order + EXTRA]! >> 1;
    const shown = shard.extras.reals[extra + SHOWN]!;
    lost = Math.max(0, shown - remaining);
    shard.extras.reals[extra + SHOWN] = shown - lost;
  }
  shard.levels.reals[(words[order + LEVEL]! >> 1) + LEVEL_LOTS]! -= lost;
}
