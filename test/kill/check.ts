import { checkEffects } from "./check-effects.ts";
import { checkLedger } from "./check-ledger.ts";
import { checkNotifications } from "./check-notifications.ts";
import { checkOrder } from "./check-order.ts";
import { checkPrices } from "./check-prices.ts";
import { checkReplies } from "./check-replies.ts";
import { checkTexts } from "./check-texts.ts";
import { type History, operationsOf } from "./history.ts";
import type { Snapshot } from "./snapshot.ts";
import type { Checker } from "./checker.ts";

/** Every checker by the sentence that it proves. */
export const checkers: Readonly<Record<string, Checker>> = {
  ...checkEffects,
  ...checkLedger,
  ...checkReplies,
  ...checkOrder,
  ...checkNotifications,
  ...checkTexts,
  ...checkPrices,
};

/** Runs every checker; returns the violations by the sentence that they break. */
export function check(history: History, snapshot: Snapshot): Map<string, string[]> {
  const operations = operationsOf(history);
  return new Map(
    Object.entries(checkers).map(([sentence, checker]) => [
      sentence,
      checker(operations, snapshot),
    ]),
  );
}
