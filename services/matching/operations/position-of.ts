import { toMinor } from "#mesh/money.ts";
import type { Matching } from "../context.ts";
import type { Side } from "../domain/command.ts";
import type { ListedMarket } from "../domain/listed-market.ts";

/**
 * What an account has of the base asset of a market, in whole lots, held or free; 0 where the market
 * does not bound it or the account sells (MAX_POSITION). Open buys are the engine's to count.
 */
export async function positionOf(
  { wallets }: Pick<Matching, "wallets">,
  { base, units, scales, terms }: ListedMarket,
  asked: { readonly accountId: string; readonly side: Side },
): Promise<number> {
  if (terms.rules.maxPositionLots === 0 || asked.side === "SELL") return 0;
  const { balances } = await wallets.listBalances({ ownerId: asked.accountId });
  const total = balances.find(({ total: money }) => money?.asset === base)?.total?.amount ?? "0";
  return Number(toMinor(total, units.baseDecimals) / scales.baseScale);
}
