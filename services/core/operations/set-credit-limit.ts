import {
  type SetCreditLimitRequest,
  type SetCreditLimitResponse,
  SetCreditLimitResponseSchema,
} from "#gen/mizan/core/v1/merchant_service_pb.ts";
import { once } from "#mesh/database/idempotency.ts";
import type { Call, Core } from "../context.ts";
import { fromMoney } from "../domain/credit-money.ts";
import { changeCredit } from "./change-credit.ts";
import { getMerchant } from "./get-merchant.ts";
import { toMerchant } from "./merchant-messages.ts";

/**
 * Changes the limit of a merchant that was approved; zero takes the credit away. Throws
 * CREDIT_IN_USE for less than what is used and held, and what approveMerchant throws.
 */
export async function setCreditLimit(
  core: Core,
  request: Omit<SetCreditLimitRequest, "$typeName">,
  call: Call,
): Promise<SetCreditLimitResponse> {
  const merchantId = request.merchantId.toLowerCase();
  const limitMinor = fromMoney(request.creditLimit!);
  const { remark } = request;
  const wanted = { merchantId, kind: "SET_LIMIT", limitMinor, remark, bank: "" } as const;
  const refusal = await changeCredit(core, wanted, call);
  return once(core.db, call.values, SetCreditLimitResponseSchema, async (tx) => {
    if (refusal !== undefined) throw refusal;
    return { merchant: toMerchant(await getMerchant(tx, merchantId)) };
  });
}
