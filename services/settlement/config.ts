import { toMinor } from "#mesh/money.ts";
import * as kinds from "#mesh/setting-kinds.ts";
import { setting } from "#mesh/settings.ts";
import { banksFile } from "./banks.ts";
import { currency } from "./domain/currency.ts";

/** The settings of settlement beside those of every service. */
export const settings = {
  banks: banksFile(["SETTLEMENT_BANKS_FILE", "the banks that pay, and our keys there"]),
  payoutMin: setting(["PAYOUT_MIN", "the smallest payout, in IRR"], amount, null),
  payoutMax: setting(["PAYOUT_MAX", "the largest payout, in IRR"], amount, null),
  payoutDayLimit: setting(
    ["PAYOUT_DAY_LIMIT", "what one merchant may be paid within 24 hours, in IRR"],
    amount,
    null,
  ),
  payoutMonthLimit: setting(
    ["PAYOUT_MONTH_LIMIT", "what one merchant may be paid within 30 days, in IRR"],
    amount,
    null,
  ),
  payoutApproval: setting(
    ["PAYOUT_APPROVAL", "from which amount on two administrators have to let a payout go, in IRR"],
    amount,
    null,
  ),
  payoutCoolDownHours: setting(
    ["PAYOUT_COOL_DOWN_HOURS", "how long a merchant's new bank account waits, but for the first"],
    kinds.integer(0, 720),
    24,
  ),
  payoutUnknownHours: setting(
    ["PAYOUT_UNKNOWN_HOURS", "after how long without an end a payout needs somebody"],
    kinds.integer(1, 720),
    24,
  ),
  payoutOverdueHours: setting(
    ["PAYOUT_OVERDUE_HOURS", "after how long what was paid has to be on a statement"],
    kinds.integer(1, 720),
    48,
  ),
  payoutAnswerMs: setting(
    ["PAYOUT_ANSWER_MS", "how long CreatePayouts waits for the ends of its payouts"],
    kinds.integer(0, 10_000),
    300,
  ),
};

/** Takes an amount such as 250000.00; gives minor units, or null where none is set. */
function amount(text: string): bigint | null {
  try {
    return toMinor(text, currency.scale);
  } catch {
    throw new Error("must be an amount such as 250000.00");
  }
}
