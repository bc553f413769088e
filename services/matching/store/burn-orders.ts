import type { Connection } from "#mesh/database/connection.ts";
import type { Fence } from "#mesh/database/shard-row.ts";
import { hexOf } from "#mesh/ids.ts";
import type { OrderId } from "../domain/command.ts";

/**
 * Notes ids that are refused for ever (FUND-8), but for those of stored orders; returns those that
 * are now, also from earlier. Nothing is noted under another epoch (X3).
 */
export async function burnOrders(
  connection: Connection,
  { shard, epoch }: Fence,
  orders: readonly OrderId[],
): Promise<OrderId[]> {
  await connection.query(
    `with held as (
        select from engine_shard where shard = $1 and epoch = $2 for no key update
      )
      insert into burned_order (id, at_ms)
      select given.id, engine_now_us() / 1000 from held, unnest($3::uuid[]) as given (id)
        where not exists (select from orders where orders.id = given.id)
      on conflict do nothing`,
    [shard, epoch, orders],
  );
  const rows = await connection.query<{ id: string }>(
    "select id from burned_order where id = any ($1::uuid[])",
    [orders],
  );
  return rows.map(({ id }) => hexOf(id));
}
