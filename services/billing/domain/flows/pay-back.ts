import type { Asset, Assets } from "../asset.ts";
import {
  bankCustodyAccount,
  CREDIT_ASSET,
  merchantCreditAccount,
  merchantCreditUsedAccount,
  poolAccount,
} from "../chart.ts";
import type { Chain } from "../hold.ts";
import { chained, move, transferId } from "./links.ts";

/** Money of a merchant that has come to a bank account of ours. */
export type PaidBack = {
  /** What names both links, such as "repay/0199…". */
  readonly path: string;
  readonly merchantId: string;
  readonly asset: Asset;
  /** Minor units. */
  readonly amount: bigint;
  readonly bank: string;
  readonly code: number;
  /** What it belongs to. */
  readonly userData: string;
  readonly reference: string;
};

/**
 * Money that comes from a merchant, or back from its bank: it fills the pool, and frees as much of
 * the merchant's credit (FLOW-12, FLOW-13).
 */
export function payBack(paid: PaidBack, assets: Assets): Chain {
  const { path, merchantId, asset, bank, ...same } = paid;
  const lines = assets.byCode(CREDIT_ASSET)!;
  const custody = bankCustodyAccount(bank, asset);
  const pool = poolAccount(asset);
  const money = move({ ...same, id: transferId(`${path}/1`), from: custody, to: pool });
  const credit = move({
    ...same,
    id: transferId(`${path}/2`),
    from: merchantCreditUsedAccount(merchantId, lines),
    to: merchantCreditAccount(merchantId, lines),
  });
  return { accounts: [custody, pool], events: chained([money, credit]) };
}
