import { bytesOf, derivedId, hexFromBytes, uuidOf, ZERO_ID } from "#mesh/ids.ts";
import { COMPARED_FUNDS } from "#mesh/limits.ts";
import { toMinor } from "#mesh/money.ts";
import { type FundsMeans, scaleOf } from "./means.ts";

/** The id of the account on the ledger that has what is behind the orders of an owner (ACC-6). */
export function inOrdersOf(owner: string, asset: string): string {
  const whose = owner === ZERO_ID ? "desk" : `user/${uuidOf(owner)}`;
  return derivedId(`account/${whose}/in_orders/${asset}`);
}

/** The balances of such accounts, in minor units; those that were never opened are absent. */
export async function readInOrders(
  means: Pick<FundsMeans, "ledger" | "markets">,
  ids: readonly string[],
): Promise<ReadonlyMap<string, bigint>> {
  const balances = new Map<string, bigint>();
  for (let from = 0; from < ids.length; from += COMPARED_FUNDS.perCall) {
    const accountIds = ids.slice(from, from + COMPARED_FUNDS.perCall).map(bytesOf);
    const { accounts } = await means.ledger.lookupAccounts({ accountIds });
    for (const { id, asset, creditsPosted, debitsPosted } of accounts) {
      const scale = scaleOf(means, asset);
      balances.set(hexFromBytes(id), toMinor(creditsPosted, scale) - toMinor(debitsPosted, scale));
    }
  }
  return balances;
}
