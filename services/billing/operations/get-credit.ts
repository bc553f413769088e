import type { Billing } from "../context.ts";
import type { Assets } from "../domain/asset.ts";
import { CREDIT_ASSET, merchantCreditAccount, merchantCreditUsedAccount } from "../domain/chart.ts";
import { type Credit, creditOf } from "../domain/credit.ts";
import type { Ledger } from "../domain/ledger.ts";
import { fail } from "../errors.ts";
import type { Bounds } from "../writer/work.ts";

/** Reads the credit of a merchant. Throws MERCHANT_NOT_FOUND for one who was never granted any. */
export async function getCredit(
  { writer, assets }: Billing,
  merchantId: string,
  bounds: Bounds,
): Promise<Credit> {
  const accounts = creditAccounts(merchantId, assets);
  const credit = await writer.submit({
    ...bounds,
    eventCount: 1,
    decide: ({ ledger }) => readCredit(ledger, accounts),
  });
  if (credit === undefined) throw fail("MERCHANT_NOT_FOUND", { merchant_id: merchantId });
  return credit;
}

/** The two accounts of a credit. */
export function creditAccounts(merchantId: string, assets: Assets) {
  const asset = assets.byCode(CREDIT_ASSET)!;
  return {
    unused: merchantCreditAccount(merchantId, asset),
    used: merchantCreditUsedAccount(merchantId, asset),
  };
}

/** A credit in a turn of the writer; undefined while it has no accounts. */
export function readCredit(
  ledger: Ledger,
  { unused, used }: ReturnType<typeof creditAccounts>,
): Credit | undefined {
  const [unusedNow, usedNow] = [ledger.account(unused.id), ledger.account(used.id)];
  return unusedNow && usedNow && creditOf(unusedNow, usedNow);
}
