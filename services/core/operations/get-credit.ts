import type { Credit } from "#gen/mizan/billing/v1/credit_pb.ts";
import { reasonOf } from "#mesh/errors.ts";
import { callOptions } from "#mesh/grpc/clients.ts";
import type { Call, Core } from "../context.ts";
import type { Merchant } from "../domain/merchant.ts";

/** The credit of a merchant as the ledger has it now; undefined before the first limit. */
export async function getCredit(
  core: Pick<Core, "credit">,
  { id: merchantId }: Pick<Merchant, "id">,
  call: Call,
): Promise<Credit | undefined> {
  try {
    return (await core.credit.getCredit({ merchantId }, callOptions(call))).credit;
  } catch (error) {
    if (reasonOf(error) === "MERCHANT_NOT_FOUND") return undefined;
    throw error;
  }
}
