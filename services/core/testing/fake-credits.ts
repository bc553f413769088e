import { create } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { type Credit, CreditSchema } from "#gen/mizan/billing/v1/credit_pb.ts";
import {
  GetCreditResponseSchema,
  GrantCreditResponseSchema,
  RecordRepaymentResponseSchema,
} from "#gen/mizan/billing/v1/credit_service_pb.ts";
import { ListBalancesResponseSchema } from "#gen/mizan/billing/v1/wallet_service_pb.ts";
import { reasons } from "#mesh/errors.ts";
import type { Core } from "../context.ts";
import { fromMoney, toMoney } from "../domain/credit-money.ts";

/** A credit in minor units. */
type Line = { limit: bigint; utilized: bigint };

/** The credit of merchants as billing keeps it, in memory, once per request id; it can be away. */
export function fakeCredits() {
  const lines = new Map<string, Line>();
  const answers = new Map<string, Credit | ConnectError>();
  const state = { isAway: false, losesAnswers: false, calls: 0 };
  const answer = (requestId: string, work: () => Credit): Credit => {
    state.calls += 1;
    if (state.isAway) throw new ConnectError("away", Code.Unavailable);
    const said = answers.get(requestId) ?? attempt(work);
    answers.set(requestId, said);
    if (state.losesAnswers) throw new ConnectError("lost", Code.Unavailable);
    if (said instanceof ConnectError) throw said;
    return said;
  };
  const credit: Core["credit"] = {
    grantCredit: async ({ requestId = "", merchantId = "", creditLimit }) => {
      const made = answer(requestId, () => {
        const limit = fromMoney(creditLimit as { asset: string; amount: string });
        const line = lines.get(merchantId) ?? { limit: 0n, utilized: 0n };
        if (limit < line.utilized) {
          const [wanted, used] = [toMoney(limit).amount, toMoney(line.utilized).amount];
          throw fail("CREDIT_IN_USE", { limit: wanted, in_use: used });
        }
        lines.set(merchantId, { ...line, limit });
        return shown(lines.get(merchantId)!);
      });
      return create(GrantCreditResponseSchema, { credit: made });
    },
    getCredit: async ({ merchantId = "" }) => {
      const line = lines.get(merchantId);
      if (line === undefined) throw fail("MERCHANT_NOT_FOUND", { merchant_id: merchantId });
      return create(GetCreditResponseSchema, { credit: shown(line) });
    },
    recordRepayment: async ({ requestId = "", merchantId = "", amount }) => {
      const made = answer(requestId, () => {
        const paid = fromMoney(amount as { asset: string; amount: string });
        const line = lines.get(merchantId);
        if (line === undefined) throw fail("MERCHANT_NOT_FOUND", { merchant_id: merchantId });
        if (paid > line.utilized) {
          const values = { amount: toMoney(paid).amount, utilized: toMoney(line.utilized).amount };
          throw fail("REPAYMENT_EXCEEDED", values);
        }
        line.utilized -= paid;
        return shown(line);
      });
      return create(RecordRepaymentResponseSchema, { credit: made });
    },
  };
  const wallets: Core["wallets"] = {
    listBalances: async ({ ownerId = "" }) => {
      if (!lines.has(ownerId)) throw fail("OWNER_NOT_FOUND", { owner_id: ownerId });
      const [some, none] = [toMoney(700n), toMoney(0n)];
      const balances = [{ available: some, held: none, total: some }];
      return create(ListBalancesResponseSchema, { balances });
    },
  };
  return { lines, state, credit, wallets };
}

function attempt(work: () => Credit): Credit | ConnectError {
  try {
    return work();
  } catch (error) {
    if (error instanceof ConnectError) return error;
    throw error;
  }
}

function shown({ limit, utilized }: Line): Credit {
  return create(CreditSchema, {
    creditLimit: toMoney(limit),
    utilized: toMoney(utilized),
    held: toMoney(0n),
    available: toMoney(limit - utilized),
  });
}

const fail = reasons("billing", {
  CREDIT_IN_USE: [Code.FailedPrecondition, "{limit} is less than {in_use}."],
  MERCHANT_NOT_FOUND: [Code.NotFound, "The merchant {merchant_id} has no credit."],
  OWNER_NOT_FOUND: [Code.NotFound, "{owner_id} has no account."],
  REPAYMENT_EXCEEDED: [Code.FailedPrecondition, "{amount} is more than {utilized}."],
});
