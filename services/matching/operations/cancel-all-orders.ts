import { hexOf } from "#mesh/ids.ts";
import { getListed } from "../domain/get-listed.ts";
import type { Bounds } from "../writer/submission.ts";
import type { OrderMeans } from "./order-means.ts";
import type { Who } from "./placed.ts";

/**
 * Ends the live orders of an account on a market, or on all when that is empty; of a session alone,
 * if one is given. Returns how many, once their money is free. Throws MARKET_NOT_FOUND.
 */
export async function cancelAllOrders(
  {
    markets,
    writer,
    funds,
  }: Pick<OrderMeans, "markets" | "writer"> & {
    readonly funds: Pick<OrderMeans["funds"], "freed">;
  },
  { accountId, session, request }: Who,
  symbol: string,
  bounds: Bounds,
): Promise<number> {
  const market = symbol === "" ? undefined : getListed({ markets }, symbol);
  const owner = hexOf(accountId);
  if (writer.engine.accountOf(owner) === undefined) return 0; // who has never placed one
  const kind = "CANCEL_ALL" as const;
  const command = { kind, market: market?.no ?? 0, account: 0, session };
  const [outcome] = await writer.submit(
    [{ command, owner, ...(request && { texts: { request } }) }],
    bounds,
  );
  const ended = outcome!.events.flatMap((event) =>
    event.kind === "CANCELLED" ? [event.facts.hold] : [],
  );
  await funds.freed(ended);
  return ended.length;
}
