import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import type { Credit } from "#gen/mizan/billing/v1/credit_pb.ts";
import type { Balance } from "#gen/mizan/billing/v1/wallet_pb.ts";
import { Merchant_State, type MerchantSchema } from "#gen/mizan/core/v1/merchant_pb.ts";
import type {
  MerchantBalanceSchema,
  MerchantCreditSchema,
} from "#gen/mizan/core/v1/merchant_service_pb.ts";
import { derivedId } from "#mesh/ids.ts";
import { toMoney } from "../domain/credit-money.ts";
import type { Merchant } from "../domain/merchant.ts";

/** A merchant as the wire shows it. */
export function toMerchant(merchant: Merchant): MessageInitShape<typeof MerchantSchema> {
  const { id, username, state, bankAccount, reason } = merchant;
  const { requestedCreditMinor, creditLimitMinor, createdAtMs, updatedAtMs } = merchant;
  return {
    id,
    username,
    state: Merchant_State[state],
    requestedCredit: toMoney(requestedCreditMinor),
    ...(creditLimitMinor !== undefined && { creditLimit: toMoney(creditLimitMinor) }),
    bankAccount,
    accountId: derivedId(`account/merchant/${id}/credit`), // ACC-6: the ledger's own name for it
    reason,
    createTime: timestampFromMs(createdAtMs),
    updateTime: timestampFromMs(updatedAtMs),
  };
}

/** The credit of a merchant, as the ledger tells it. */
export function toMerchantCredit(credit: Credit): MessageInitShape<typeof MerchantCreditSchema> {
  const { creditLimit, utilized, held, available } = credit;
  return {
    ...(creditLimit && { creditLimit }),
    ...(utilized && { utilizedAmount: utilized }),
    ...(held && { held }),
    ...(available && { available }),
  };
}

/** What a merchant has of an asset, as the ledger tells it. */
export function toMerchantBalance({
  available,
  held,
  total,
}: Balance): MessageInitShape<typeof MerchantBalanceSchema> {
  return { ...(available && { available }), ...(held && { held }), ...(total && { total }) };
}
