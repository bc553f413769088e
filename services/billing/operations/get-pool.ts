import type { Billing } from "../context.ts";
import { poolAccount } from "../domain/chart.ts";
import { type Pool, poolOf } from "../domain/credit.ts";
import type { Bounds } from "../writer/work.ts";
import { houseAsset } from "./house-asset.ts";

/** Reads what the pool has that pays merchants. */
export async function getPool({ writer, assets }: Billing, bounds: Bounds): Promise<Pool> {
  const { id } = poolAccount(houseAsset(assets));
  return writer.submit({
    ...bounds,
    eventCount: 1,
    decide: ({ ledger, register }) => poolOf(ledger.account(id)!, register.toppedUpMinor),
  });
}
