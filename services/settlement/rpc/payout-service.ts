import { ConnectError, type ServiceImpl } from "@connectrpc/connect";
import { ErrorInfoSchema } from "#gen/mizan/error/v1/error_pb.ts";
import { Payout_Stage, Payout_State } from "#gen/mizan/settlement/v1/payout_pb.ts";
import {
  type PayoutService,
  ResolvePayoutRequest_Outcome,
} from "#gen/mizan/settlement/v1/payout_service_pb.ts";
import type { Settlement } from "../context.ts";
import { payoutStages as stages, payoutStates as states } from "../domain/payout.ts";
import type { Engine } from "../engine/engine.ts";
import { administered } from "../operations/administered.ts";
import { approvePayout } from "../operations/approve-payout.ts";
import { createPayouts } from "../operations/create-payouts.ts";
import { getPayout } from "../operations/get-payout.ts";
import { listPayouts } from "../operations/list-payouts.ts";
import { toPayout } from "../operations/messages.ts";
import { rejectPayout } from "../operations/reject-payout.ts";
import { resolvePayout } from "../operations/resolve-payout.ts";

/** Has banks pay, and lets administrators look after it. */
export const payoutService = (
  settlement: Settlement,
  engine: Engine,
): ServiceImpl<typeof PayoutService> => ({
  createPayout: async (request, call) => {
    const [created] = await createPayouts(settlement, engine, [request], call);
    if (created instanceof ConnectError) throw created;
    return { payout: created! };
  },
  createPayouts: async ({ payouts }, call) => {
    const created = await createPayouts(settlement, engine, payouts, call);
    return {
      results: payouts.map(({ payoutId }, index) => {
        const one = created[index]!;
        if (!(one instanceof ConnectError)) return { payoutId, payout: one };
        return { payoutId, error: one.findDetails(ErrorInfoSchema)[0]! };
      }),
    };
  },
  getPayout: async ({ payoutId }) => ({ payout: toPayout(await getPayout(settlement, payoutId)) }),
  listPayouts: async (request) => {
    const filter = {
      state: states.find((state) => Payout_State[state] === request.state),
      stage: stages.find((stage) => Payout_Stage[stage] === request.stage),
      provider: request.provider || undefined,
      merchantId: request.merchantId || undefined,
      id: request.payoutId || undefined,
    };
    const { payouts, nextPageToken } = await listPayouts(settlement, filter, request);
    return { payouts: await administered(settlement.db.sql, payouts), nextPageToken };
  },
  approvePayout: async ({ payoutId }, call) => approvePayout(settlement, payoutId, call),
  rejectPayout: async (request, call) => rejectPayout(settlement, request, call),
  resolvePayout: async ({ outcome, ...said }, call) => {
    const kind = outcome === ResolvePayoutRequest_Outcome.PAID ? "PAID" : "NOT_PAID";
    return resolvePayout(settlement, { ...said, kind }, call);
  },
});
