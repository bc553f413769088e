import type { ContextValues, ServiceImpl } from "@connectrpc/connect";
import {
  type CreditService,
  GrantCreditResponseSchema,
  RecordRepaymentResponseSchema,
  TopUpPoolResponseSchema,
} from "#gen/mizan/billing/v1/credit_service_pb.ts";
import { callerKey, personOf } from "#mesh/access.ts";
import type { Billing } from "../context.ts";
import { fail } from "../errors.ts";
import { getCredit } from "../operations/get-credit.ts";
import { getPool } from "../operations/get-pool.ts";
import { grantCredit } from "../operations/grant-credit.ts";
import { recordRepayment } from "../operations/record-repayment.ts";
import { topUpPool } from "../operations/top-up-pool.ts";
import { boundsOf, keyedBoundsOf } from "./bounds.ts";
import { toCredit, toPool } from "./credit-messages.ts";
import { fromText } from "./messages.ts";

/** Answers CreditService. */
export const creditService = (billing: Billing): ServiceImpl<typeof CreditService> => ({
  async topUpPool({ amount, bank, reference }, context) {
    const topUp = { ...amount!, bank, reference: fromText(reference) };
    return topUpPool(billing, topUp, {
      ...keyedBoundsOf(context),
      schema: TopUpPoolResponseSchema,
      toMessage: (pool) => ({ pool: toPool(billing.assets, pool) }),
    });
  },
  async getPool(_, context) {
    return { pool: toPool(billing.assets, await getPool(billing, boundsOf(context))) };
  },
  async grantCredit({ merchantId, creditLimit }, context) {
    const { asset, amount: limit } = creditLimit!;
    const grant = { merchantId: merchantId.toLowerCase(), asset, limit };
    return grantCredit(billing, grant, {
      ...keyedBoundsOf(context),
      schema: GrantCreditResponseSchema,
      toMessage: (credit) => ({ credit: toCredit(billing.assets, credit) }),
    });
  },
  async getCredit({ merchantId }, context) {
    const merchant = merchantOf(merchantId.toLowerCase(), context.values);
    const credit = await getCredit(billing, merchant, boundsOf(context));
    return { credit: toCredit(billing.assets, credit) };
  },
  async recordRepayment({ merchantId, amount, bank, reference }, context) {
    const who = { merchantId: merchantId.toLowerCase(), bank, reference: fromText(reference) };
    return recordRepayment(
      billing,
      { ...amount!, ...who },
      {
        ...keyedBoundsOf(context),
        schema: RecordRepaymentResponseSchema,
        toMessage: (credit) => ({ credit: toCredit(billing.assets, credit) }),
      },
    );
  },
});

/** A service names the merchant; a merchant sees the own credit, and that of nobody else (S7). */
function merchantOf(merchantId: string, values: ContextValues): string {
  const caller = values.get(callerKey);
  if (caller?.kind === "service") {
    if (merchantId === "") throw fail("MERCHANT_REQUIRED");
    return merchantId;
  }
  const { id } = personOf(values);
  if (merchantId === "" || merchantId === id) return id;
  throw fail("MERCHANT_NOT_FOUND", { merchant_id: merchantId });
}
