import { chainWithdrawal } from "./flows/chain-withdrawal.ts";
import { merchantWithdrawal } from "./flows/merchant-withdrawal.ts";
import { order } from "./flows/order.ts";
import { purchase } from "./flows/purchase.ts";
import { sms } from "./flows/sms.ts";
import type { Flow, Purpose } from "./hold.ts";

/** The money flows of the purposes. */
export const flows: Readonly<Record<Purpose, Flow>> = {
  SMS: sms,
  ORDER: order,
  PURCHASE: purchase,
  MERCHANT_WITHDRAWAL: merchantWithdrawal,
  CHAIN_WITHDRAWAL: chainWithdrawal,
};
