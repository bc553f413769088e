import type { Command } from "./command.ts";
import type { OrderFacts } from "./event.ts";
import type { Scales } from "./money.ts";

/** What the extra hold of an amendment holds, in minor units of what the order gives; 0n without. */
export function extraHoldMinor(
  command: Command,
  { side }: Pick<OrderFacts, "side">,
  { baseScale }: Pick<Scales, "baseScale">,
): bigint {
  if (command.kind !== "AMEND") return 0n;
  return side === "BUY" ? command.extraHold : command.extraHold * baseScale;
}
