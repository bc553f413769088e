import type { Connection } from "#mesh/database/connection.ts";
import { TransferCodes } from "../domain/chart.ts";

/** Sums up what was ever put into the pool (FLOW-8), in minor units. */
export async function sumTopUps(connection: Connection): Promise<bigint> {
  const [row] = await connection.query<{ sum: bigint }>(
    `select coalesce(sum(amount), 0)::numeric(39, 0) as sum from transfer
      where code = ${TransferCodes.POOL_TOPUP}`,
  );
  return row!.sum;
}
