import {
  ApproveMovementResponseSchema,
  RejectMovementResponseSchema,
} from "#gen/mizan/billing/v1/approval_service_pb.ts";
import {
  GrantCreditResponseSchema,
  RecordRepaymentResponseSchema,
  TopUpPoolResponseSchema,
} from "#gen/mizan/billing/v1/credit_service_pb.ts";
import type { IdempotentCall } from "#mesh/idempotent-call.ts";
import { newId } from "#mesh/ids.ts";
import type { Billing } from "../context.ts";
import { approveMovement, rejectMovement } from "../operations/decide-movement.ts";
import { grantCredit } from "../operations/grant-credit.ts";
import { recordRepayment, type Repayment } from "../operations/record-repayment.ts";
import { type TopUp, topUpPool } from "../operations/top-up-pool.ts";
import { toApproval } from "../rpc/approval-messages.ts";
import { toCredit, toPool } from "../rpc/credit-messages.ts";

/** A call of somebody under a key. */
export function callBy(principal: string, key: string = newId()): IdempotentCall {
  return { principal, method: "Test/Call", key, hash: new Uint8Array(32), replayed: false };
}

/** Puts money into the pool, for an administrator. */
export async function fillPool(
  billing: Billing,
  amount: string,
  { call = callBy("admin"), ...rest }: Partial<TopUp> & { readonly call?: IdempotentCall } = {},
) {
  const topUp = { asset: "IRR", bank: "", reference: "", ...rest, amount };
  return topUpPool(billing, topUp, {
    call,
    schema: TopUpPoolResponseSchema,
    toMessage: (pool) => ({ pool: toPool(billing.assets, pool) }),
  });
}

/** Sets the limit of a merchant, as core does. */
export async function grant(
  billing: Billing,
  limit: string,
  {
    merchantId = newId(),
    asset = "IRR",
    call = callBy("service:core"),
  }: { merchantId?: string; asset?: string; call?: IdempotentCall } = {},
) {
  const response = await grantCredit(
    billing,
    { merchantId, asset, limit },
    {
      call,
      schema: GrantCreditResponseSchema,
      toMessage: (credit) => ({ credit: toCredit(billing.assets, credit) }),
    },
  );
  return { merchantId, ...response };
}

/** Records what a merchant has paid back, as core does. */
export async function repay(
  billing: Billing,
  merchantId: string,
  amount: string,
  {
    call = callBy("service:core"),
    ...rest
  }: Partial<Repayment> & { readonly call?: IdempotentCall } = {},
) {
  const repayment = { asset: "IRR", bank: "", reference: "", ...rest, merchantId, amount };
  return recordRepayment(billing, repayment, {
    call,
    schema: RecordRepaymentResponseSchema,
    toMessage: (credit) => ({ credit: toCredit(billing.assets, credit) }),
  });
}

/** Agrees to what somebody has asked for. */
export async function approve(
  billing: Billing,
  approvalId: string,
  call: IdempotentCall = callBy("other"),
) {
  return approveMovement(billing, approvalId, {
    call,
    schema: ApproveMovementResponseSchema,
    toMessage: (approval) => ({ approval: toApproval(billing.assets, approval) }),
  });
}

/** Refuses what somebody has asked for. */
export async function reject(
  billing: Billing,
  approvalId: string,
  call: IdempotentCall = callBy("other"),
) {
  return rejectMovement(billing, approvalId, {
    call,
    schema: RejectMovementResponseSchema,
    toMessage: (approval) => ({ approval: toApproval(billing.assets, approval) }),
  });
}
