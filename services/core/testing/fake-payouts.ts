import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import {
  type Client,
  Code,
  ConnectError,
  createClient,
  createRouterTransport,
} from "@connectrpc/connect";
import {
  type Payout,
  Payout_State,
  PayoutAttempt_State,
  PayoutSchema,
} from "#gen/mizan/settlement/v1/payout_pb.ts";
import { PayoutService } from "#gen/mizan/settlement/v1/payout_service_pb.ts";
import { infoOf } from "./fake-holds.ts";
import type { Trouble } from "./trouble.ts";

type Method = "createPayouts" | "getPayout";
type State = keyof typeof Payout_State;

/** Settlement in memory: each payout once, with the outcome that the test wants. */
export function fakePayouts(trouble: Trouble<Method>) {
  const payouts = new Map<string, Payout>();
  const script: { outcome: (id: string) => State; refusal: (id: string) => string | undefined } = {
    outcome: () => "SUCCEEDED",
    refusal: () => undefined,
  };
  const paid: string[] = [];

  const move = (id: string, state: State, reason = state === "FAILED" ? "ACCOUNT_CLOSED" : "") => {
    const payout = payouts.get(id)!;
    if (state === "SUCCEEDED" && payout.state !== Payout_State.SUCCEEDED) paid.push(id);
    const isPaid = state === "SUCCEEDED" || state === "RETURNED";
    Object.assign(payout, {
      state: Payout_State[state],
      reason,
      version: payout.version + 1,
      provider: "bank",
      bankReference: isPaid ? `B-${id.slice(-6)}` : "",
    });
    const attempt = {
      number: 1,
      provider: "bank",
      ourReference: id,
      createTime: timestampFromMs(1),
    };
    const attemptState = PayoutAttempt_State[isPaid ? "SUCCEEDED" : "UNKNOWN"];
    payout.attempts = create(PayoutSchema, {
      attempts: [{ ...attempt, state: attemptState }],
    }).attempts;
    return structuredCopy(payout);
  };
  const transport = createRouterTransport(({ service }) =>
    service(PayoutService, {
      createPayouts: async (call) =>
        trouble.hear("createPayouts", call.payouts, ({ payoutId, ...rest }) => {
          const reason = script.refusal(payoutId);
          if (reason !== undefined) return { payoutId, error: infoOf(reason) };
          if (!payouts.has(payoutId)) {
            const { merchantId, accountId, bankAccount } = rest;
            const made = { id: payoutId, merchantId, accountId, bankAccount, version: 1 };
            payouts.set(payoutId, create(PayoutSchema, { ...made, state: Payout_State.PENDING }));
            move(payoutId, script.outcome(payoutId));
          }
          return { payoutId, payout: payouts.get(payoutId)! };
        }),
      getPayout: async ({ payoutId }) => {
        const { results } = await trouble.hear("getPayout", [payoutId], (id) => payouts.get(id));
        if (results[0] === undefined) throw new ConnectError("no such payout", Code.NotFound);
        return { payout: results[0] };
      },
    }),
  );
  const client: Client<typeof PayoutService> = createClient(PayoutService, transport);
  return { client, payouts, script, paid, move };
}

function structuredCopy(payout: Payout): Payout {
  return { ...payout };
}
