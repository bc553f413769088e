import { CreditService } from "#gen/mizan/billing/v1/credit_service_pb.ts";
import { WalletService } from "#gen/mizan/billing/v1/wallet_service_pb.ts";
import { compatRow } from "#mesh/compat/row.ts";
import { toWholeUnits } from "#mesh/compat/whole-units.ts";

/** The paths by which administrators pay in. They knew rials alone. */
export const paymentRows = [
  compatRow({
    path: "/billing/v1/charge",
    verb: "POST",
    method: WalletService.method.chargeAccount,
    toRequest: (fields) => ({
      userId: fields.text("user_id", { isRequired: true }),
      amount: { asset: "IRR", amount: fields.amount("amount") },
      reference: fields.text("reference", { mostCharacters: 140 }),
    }),
    answer: async ({ request, ask }) => {
      const { balance } = await ask();
      return { user_id: request.userId, total_balance: toWholeUnits(balance?.total?.amount) };
    },
    errors: {
      key: "error",
      fields: { INVALID_AMOUNT: "amount", AMOUNT_TOO_LARGE: "amount" },
    },
  }),
  compatRow({
    path: "/api/v1/admin/pool/topup",
    verb: "POST",
    method: CreditService.method.topUpPool,
    toRequest: (fields) => ({
      amount: { asset: "IRR", amount: fields.amount("amount") },
      bank: fields.text("bank"),
      reference: fields.text("reference", { mostCharacters: 140 }),
    }),
    answer: async ({ ask }) => {
      const { pool } = await ask();
      return { pool_available: pool?.available?.amount ?? "" };
    },
    errors: {
      key: "detail",
      fields: {
        INVALID_AMOUNT: "amount",
        AMOUNT_TOO_LARGE: "amount",
        REASON_REQUIRED: "reference",
      },
    },
  }),
];
