import type { NewAccount } from "./account.ts";
import type { Asset } from "./asset.ts";
import {
  bankCustodyAccount,
  bankInAccount,
  bankOutAccount,
  CREDIT_ASSET,
  creditIssuerAccount,
  deskAvailableAccount,
  deskInOrdersAccount,
  HOUSE_ASSET,
  MAIN,
  networkFeesPaidAccount,
  operatorAccount,
  payoutFeesAccount,
  payoutFeesPaidAccount,
  poolAccount,
  reorgLossAccount,
  smsRevenueAccount,
  tradingFeesAccount,
  withdrawalFeesAccount,
  worldAccount,
} from "./chart.ts";

/** The accounts of the house in an asset, which have to be there before anybody else's. */
export function houseAccountsOf(asset: Asset): NewAccount[] {
  if (asset.code === CREDIT_ASSET) return [creditIssuerAccount(asset)];
  const accounts = everywhere.map((account) => account(asset));
  if (asset.code !== HOUSE_ASSET) return accounts;
  return [...accounts, ...atHome.map((account) => account(asset))];
}

const everywhere = [
  worldAccount,
  deskAvailableAccount,
  deskInOrdersAccount,
  bankOutAccount,
  tradingFeesAccount,
  withdrawalFeesAccount,
  operatorAccount,
  networkFeesPaidAccount,
  reorgLossAccount,
];

const atHome = [
  smsRevenueAccount,
  payoutFeesAccount,
  payoutFeesPaidAccount,
  poolAccount,
  (asset: Asset) => bankCustodyAccount(MAIN, asset),
  (asset: Asset) => bankInAccount(MAIN, asset),
];
