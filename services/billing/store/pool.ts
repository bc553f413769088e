import type { Connection } from "#mesh/database/connection.ts";
import { TransferCodes } from "../domain/chart.ts";

/** Sums up what was ever put into the pool (FLOW-8) and not taken back by a revert, in minor units. */
export async function sumTopUps(connection: Connection): Promise<bigint> {
  const [row] = await connection.query<{ sum: bigint }>(
    `select coalesce(sum(case when reverts_at_us is null then amount else -amount end), 0)
        ::numeric(39, 0) as sum
      from transfer where code = ${TransferCodes.POOL_TOPUP}`,
  );
  return row!.sum;
}
