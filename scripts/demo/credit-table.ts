import { isDeepStrictEqual } from "node:util";
import { withCommas } from "./amounts.ts";
import type { Stage } from "./stage.ts";

/** What the merchant of the demo may use, and what pays for it, at one moment. */
export type CreditState = {
  readonly used: string;
  readonly held: string;
  readonly available: string;
  readonly pool: string;
};

/** Reads the merchant's credit and the pool; all amounts are decimals. */
export async function creditState({
  shop,
  admin,
}: Pick<Stage, "shop" | "admin">): Promise<CreditState> {
  const { credit } = await admin.calls.merchants.getMerchant({ merchantId: shop.id });
  const { pool } = await admin.calls.credit.getPool({});
  return {
    used: credit?.utilizedAmount?.amount ?? "0.00",
    held: credit?.held?.amount ?? "0.00",
    available: credit?.available?.amount ?? "0.00",
    pool: pool?.available?.amount ?? "0.00",
  };
}

/** Lays credit and pool out before and after something happened. */
export function creditTable(before: CreditState, after: CreditState): string {
  const head = line(["", "", "credit used", "held", "available", "pool available"]);
  const cells = ({ used, held, available, pool }: CreditState) =>
    [used, held, available, pool].map(withCommas);
  const lines = isDeepStrictEqual(before, after)
    ? [line(["Cyrus", "before, after", ...cells(before)])]
    : [line(["Cyrus", "before", ...cells(before)]), line(["", "after", ...cells(after)])];
  return [head, ...lines].join("\n");
}

function line([name = "", when = "", ...amounts]: readonly string[]): string {
  const columns = amounts.map((amount) => amount.padStart(16));
  return `     ${name.padEnd(6)}${when.padEnd(13)}${columns.join("")}`;
}
