import { Merchant_State } from "#gen/mizan/core/v1/merchant_pb.ts";
import { MerchantService } from "#gen/mizan/core/v1/merchant_service_pb.ts";
import { type CompatRow, compatRow } from "#mesh/compat/row.ts";

/** The paths by which merchants joined the replaced system, and administrators let them in. */
export const merchantRows: readonly CompatRow[] = [
  compatRow({
    path: "/api/v1/auth/register",
    verb: "POST",
    method: MerchantService.method.registerMerchant,
    toRequest: (fields) => ({
      username: fields.text("username", { isRequired: true }),
      password: fields.text("password", { isRequired: true }),
      requestedCredit: { asset: "IRR", amount: fields.amount("requested_credit") },
      bankAccount: fields.text("bank_account"),
    }),
    status: 201,
    answer: async ({ ask }) => {
      const { merchant } = await ask();
      return { merchant_id: merchant!.id, status: "PENDING_APPROVAL" };
    },
    errors: {
      key: "detail",
      fields: {
        WEAK_PASSWORD: "password",
        INVALID_AMOUNT: "requested_credit",
        AMOUNT_TOO_LARGE: "requested_credit",
      },
    },
  }),
  compatRow({
    path: "/api/v1/admin/approve",
    verb: "POST",
    method: MerchantService.method.approveMerchant,
    toRequest: (fields) => ({
      merchantId: fields.text("merchant_id", { isRequired: true }),
      creditLimit: { asset: "IRR", amount: fields.amount("credit_limit") },
      remark: fields.text("remark", { mostCharacters: 140 }),
    }),
    answer: async ({ ask }) => {
      const { merchant } = await ask();
      const { id, creditLimit } = merchant!;
      return { merchant_id: id, approved: true, credit_limit: creditLimit!.amount };
    },
    errors: {
      key: "detail",
      fields: {
        INVALID_AMOUNT: "credit_limit",
        AMOUNT_TOO_LARGE: "credit_limit",
        REASON_REQUIRED: "remark",
      },
    },
  }),
  compatRow({
    path: "/api/v1/me",
    verb: "GET",
    method: MerchantService.method.getCurrentMerchant,
    toRequest: () => ({}),
    answer: async ({ ask }) => {
      const { merchant, credit } = await ask();
      const { id, username, state, accountId, bankAccount } = merchant!;
      return {
        merchant_id: id,
        username,
        is_approved: state === Merchant_State.ACTIVE,
        account_id: accountId,
        bank_account: bankAccount,
        credit_limit: credit?.creditLimit?.amount ?? NOTHING,
        utilized_amount: credit?.utilizedAmount?.amount ?? NOTHING,
        available_credit: credit?.available?.amount ?? NOTHING,
      };
    },
    errors: { key: "detail" },
  }),
];

/** What a merchant without a limit has, in rials. */
const NOTHING = "0.00";
