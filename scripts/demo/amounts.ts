import { isDeepStrictEqual } from "node:util";
import type { Balance } from "#gen/mizan/billing/v1/wallet_pb.ts";
import { toMinor } from "#mesh/money.ts";
import type { Money } from "#gen/mizan/type/v1/money_pb.ts";

/** Writes a decimal amount with commas between its thousands, for people. */
export function withCommas(amount: string): string {
  const [whole = "", fraction] = amount.split(".");
  const grouped = whole.replaceAll(/\B(?=(\d{3})+$)/g, ",");
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

/** Writes money for people, such as "250,000.00 IRR". */
export function textOf(money: Pick<Money, "asset" | "amount"> | undefined): string {
  return money === undefined ? "nothing" : `${withCommas(money.amount)} ${money.asset}`;
}

/** Money in minor units of the asset of the demo; nothing is 0. */
export function minor(money: { readonly amount: string } | undefined): bigint {
  return toMinor(money?.amount ?? "0", SCALE);
}

/** Lays the balances of people out before and after something happened. */
export function balancesTable(rows: readonly BalanceRow[]): string {
  const head = line(["", "", "available", "held", "total"]);
  const lines = rows.flatMap(({ name, before, after }) => {
    const [first, last] = [cells(before), cells(after)];
    return isDeepStrictEqual(first, last)
      ? [line([name, "before, after", ...first])]
      : [line([name, "before", ...first]), line(["", "after", ...last])];
  });
  return [head, ...lines].join("\n");
}

/** The balances of one person around a step. */
export type BalanceRow = {
  readonly name: string;
  readonly before: Balance;
  readonly after: Balance;
};

function cells({ available, held, total }: Balance): string[] {
  return [available, held, total].map((money) => withCommas(money?.amount ?? "0"));
}

function line([name = "", when = "", ...amounts]: readonly string[]): string {
  const columns = amounts.map((amount) => amount.padStart(16));
  return `     ${name.padEnd(5)}${when.padEnd(14)}${columns.join("")}`;
}

const SCALE = 2;
