import type { ConnectError } from "@connectrpc/connect";
import { Withdrawal_State } from "#gen/mizan/core/v1/withdrawal_pb.ts";
import { WithdrawalService } from "#gen/mizan/core/v1/withdrawal_service_pb.ts";
import { compatRow } from "#mesh/compat/row.ts";
import { fail } from "../errors.ts";

const { SUCCEEDED, FAILED, CANCELLED } = Withdrawal_State;

/** The path by which merchants withdrew in the replaced system. */
export const withdrawalRow = compatRow({
  path: "/api/v1/withdrawals",
  verb: "POST",
  method: WithdrawalService.method.createWithdrawal,
  toRequest: (fields) => ({ amount: { asset: "IRR", amount: fields.amount("amount") } }),
  status: ({ status }) => (status === "QUEUED" ? 202 : 200),
  answer: async ({ ask }) => {
    const { id, state, amount, reason, bankReference, transferId } = (await ask()).withdrawal!;
    if (state === FAILED || state === CANCELLED) throw fail("SETTLEMENT_REJECTED", { reason });
    if (state !== SUCCEEDED) return { withdrawal_id: id, status: "QUEUED" };
    return {
      withdrawal_id: id,
      status: "SUCCESS",
      amount: amount!.amount,
      bank_reference: bankReference,
      tx_id: transferId,
    };
  },
  errors: {
    key: "detail",
    fields: { INVALID_AMOUNT: "amount", AMOUNT_TOO_LARGE: "amount" },
    texts: { RATE_LIMITED: "RATE_LIMITED" },
    codes: {
      IDEMPOTENCY_KEY_REUSED: "IDEMPOTENCY_KEY_CONFLICT",
      INSUFFICIENT_CREDIT: "INSUFFICIENT_MERCHANT_CREDIT",
      MERCHANT_NOT_ACTIVE: "MERCHANT_NOT_APPROVED",
      POOL_EXHAUSTED: "INSUFFICIENT_POOL",
    },
    statuses: {
      INSUFFICIENT_CREDIT: 409,
      MERCHANT_NOT_ACTIVE: 403,
      POOL_EXHAUSTED: 409,
      SETTLEMENT_REJECTED: 502,
    },
    extra: (reason, error) => (later.has(reason) ? waitOf(error) : {}),
  },
});

/** The reasons that pass by themselves when fewer calls come. */
const later = new Set(["RATE_LIMITED", "OVERLOADED"]);

/** How long to wait before the next call, where the error says so. */
function waitOf({ metadata }: ConnectError): object {
  return { retry_in_seconds: Number(metadata.get("retry-after") ?? 1) };
}
