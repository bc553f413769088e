import type { Account, Id } from "./account.ts";
import { balanceIn, type BalanceField } from "./balance-field.ts";

/** A watch over a balance, which tells each time it crosses a bound (EXT-6). */
export type Monitor = {
  /** A UUID. */
  readonly id: string;
  /** The place of the account. */
  readonly slot: number;
  readonly field: BalanceField;
  /** The side of the bound that is beyond it; the bound itself never is. */
  readonly direction: "below" | "above";
  /** In minor units; may be less than zero. */
  readonly boundMinor: bigint;
  readonly name: string;
  /** Microseconds since 1970. */
  readonly createdAtUs: number;
  readonly isBeyond: boolean;
};

/** A monitor with its account, as people see it. */
export type MonitorView = {
  readonly monitor: Monitor;
  readonly accountId: Id;
  readonly ledger: number;
};

/** A balance that went from one side of a bound to the other. */
export type Crossing = {
  /** The monitor with the side on which the balance is now. */
  readonly monitor: Monitor;
  readonly account: Readonly<Account>;
  readonly balanceMinor: bigint;
  /** The number of the last transfer of the commit in which it crossed. */
  readonly seq: number;
};

/** Whether the balance of an account is beyond the bound. */
export function isBeyond(
  { field, direction, boundMinor }: Pick<Monitor, "field" | "direction" | "boundMinor">,
  account: Readonly<Account>,
): boolean {
  const balance = balanceIn[field](account);
  return direction === "below" ? balance < boundMinor : balance > boundMinor;
}
