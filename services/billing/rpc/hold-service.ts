import type { ServiceImpl } from "@connectrpc/connect";
import type { HoldService } from "#gen/mizan/billing/v1/hold_service_pb.ts";
import type { Billing } from "../context.ts";
import { captureHolds } from "../operations/capture-holds.ts";
import { createHolds } from "../operations/create-holds.ts";
import type { HoldOutcome } from "../operations/hold-outcome.ts";
import { listHolds } from "../operations/list-holds.ts";
import { refundHolds } from "../operations/refund-holds.ts";
import { releaseHolds } from "../operations/release-holds.ts";
import { boundsOf } from "./bounds.ts";
import {
  fromCapture,
  fromHold,
  fromRefund,
  fromRelease,
  toHoldResult,
  toRefundResult,
} from "./hold-messages.ts";
import { fromHoldList, toListedHold } from "./listed-hold-messages.ts";
import { serviceOf } from "./service-of.ts";

/** Answers HoldService. */
export const holdService = (billing: Billing): ServiceImpl<typeof HoldService> => {
  const toResponse = (outcomes: readonly HoldOutcome[]) => ({
    results: outcomes.map((outcome) => toHoldResult(billing.assets, outcome)),
  });
  return {
    async createHolds(request, context) {
      const call = { service: serviceOf(context.values), holds: request.holds.map(fromHold) };
      return toResponse(await createHolds(billing, call, boundsOf(context)));
    },
    async captureHolds({ captures }, context) {
      const call = { service: serviceOf(context.values), holds: captures.map(fromCapture) };
      return toResponse(await captureHolds(billing, call, boundsOf(context)));
    },
    async releaseHolds({ releases }, context) {
      const call = { service: serviceOf(context.values), holds: releases.map(fromRelease) };
      return toResponse(await releaseHolds(billing, call, boundsOf(context)));
    },
    async refundHolds({ refunds }, context) {
      const call = { service: serviceOf(context.values), refunds: refunds.map(fromRefund) };
      const outcomes = await refundHolds(billing, call, boundsOf(context));
      return { results: outcomes.map((outcome) => toRefundResult(billing.assets, outcome)) };
    },
    async listHolds(request, context) {
      const list = { service: serviceOf(context.values), ...fromHoldList(request) };
      const { rows, nextPageToken } = await listHolds(billing, list, boundsOf(context));
      return { holds: rows.map((hold) => toListedHold(billing.assets, hold)), nextPageToken };
    },
  };
};
