import { hexOf } from "#mesh/ids.ts";
import type { Billing } from "../context.ts";
import type { Account } from "../domain/account.ts";
import { AccountCodes } from "../domain/chart.ts";
import { type Balance, balanceOf } from "../domain/wallet.ts";
import { fail } from "../errors.ts";
import type { Bounds } from "../writer/work.ts";

/**
 * Lists what an owner has of each asset, in the order of the codes. Throws OWNER_NOT_FOUND for one
 * who has no account at all (ACC-9).
 */
export async function listBalances(
  { writer, assets }: Billing,
  ownerId: string,
  bounds: Bounds,
): Promise<Balance[]> {
  const balances = await writer.submit({
    ...bounds,
    eventCount: 1,
    decide: ({ ledger }) => {
      const accounts = ledger.accountsOf(hexOf(ownerId));
      return accounts.length === 0 ? undefined : balancesOf(accounts);
    },
  });
  if (balances === undefined) throw fail("OWNER_NOT_FOUND", { owner_id: ownerId });
  const places = new Map(assets.all.map(({ ledger }, place) => [ledger, place]));
  return balances.toSorted((one, other) => places.get(one.ledger)! - places.get(other.ledger)!);
}

/** Of an owner's accounts only those with money to spend, and those behind orders, are a wallet. */
function balancesOf(accounts: readonly Readonly<Account>[]): Balance[] {
  const wallet = accounts.filter(({ code }) => code === AVAILABLE || code === IN_ORDERS);
  const byLedger = Map.groupBy(wallet, ({ ledger }) => ledger);
  return Array.from(byLedger, ([ledger, own]) => {
    const [available, inOrders] = [AVAILABLE, IN_ORDERS].map((wanted) =>
      own.find(({ code }) => code === wanted),
    );
    return balanceOf(ledger, available, inOrders);
  });
}

const { USER_AVAILABLE: AVAILABLE, USER_IN_ORDERS: IN_ORDERS } = AccountCodes;
