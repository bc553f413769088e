import { Merchant_StateSchema as StateSchema } from "#gen/mizan/core/v1/merchant_pb.ts";
import { outside } from "../platform/outside.ts";
import { textOf } from "./amounts.ts";
import { accountOf } from "./bank-account.ts";
import { refusalOf } from "./charges.ts";
import { login } from "./join.ts";
import { type Actor, irr, type Stage, type Step } from "./stage.ts";
import { ask } from "./withdrawals.ts";

/** Registers a merchant, who can log in at once, and tells of it. */
export async function joinMerchant(
  { origin, run, say }: Pick<Stage, "origin" | "run" | "say">,
  name: string,
): Promise<Actor> {
  const username = `${name.toLowerCase()}-${run}`;
  const password = `${run} likes long passwords`;
  const { merchant } = await outside(origin).merchants.registerMerchant({
    requestId: username,
    username,
    password,
    requestedCredit: irr("1000.00"),
    bankAccount: accountOf(run),
  });
  say(`     ${name} registers as the merchant ${username}, and asks for 1,000.00 IRR of credit`);
  const actor = await login({ origin, say }, name, { username, password });
  if (actor.id !== merchant?.id) throw new Error("A merchant has to be its user.");
  return actor;
}

/** Nobody withdraws before an administrator has said how much. */
export const approve: Step = {
  title: "Cyrus cannot withdraw yet; the administrator approves him with a limit",
  about: "credit",
  async act(stage) {
    const { admin, shop, run } = stage;
    const early = await refusalOf(ask(stage, "too-early", "1.00"));
    const { merchant } = await admin.calls.merchants.approveMerchant({
      requestId: `approve-${run}`,
      merchantId: shop.id,
      creditLimit: irr("1000.00"),
    });
    const state = StateSchema.value[merchant?.state ?? 0]?.localName;
    return [
      `before: refused with ${early.reason}`,
      `then: he is ${state}, with a limit of ${textOf(merchant?.creditLimit)}`,
    ];
  },
};

/** What a merchant pays back fills the pool and frees the credit. */
export const repay: Step = {
  title: "Cyrus pays back what he used, and the administrator records it",
  about: "credit",
  async act({ admin, shop, run }) {
    const { credit } = await admin.calls.merchants.recordRepayment({
      requestId: `repay-${run}`,
      merchantId: shop.id,
      amount: irr(REPAID),
      reference: "demo",
    });
    return [`${REPAID} IRR came back; he has used ${textOf(credit?.utilizedAmount)}`];
  },
};

/** What the merchant of the demo pays back. */
export const REPAID = "100.00";
