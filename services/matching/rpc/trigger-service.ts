import type { ServiceImpl } from "@connectrpc/connect";
import type { TriggerService } from "#gen/mizan/matching/v1/trigger_service_pb.ts";
import type { Matching } from "../context.ts";
import { cancelTrigger } from "../operations/cancel-trigger.ts";
import { createTrigger } from "../operations/create-trigger.ts";
import { getTrigger } from "../operations/get-trigger.ts";
import { listTriggers } from "../operations/list-triggers.ts";

/** Orders that wait for a price. */
export const triggerService = (matching: Matching): ServiceImpl<typeof TriggerService> => ({
  createTrigger: async (request, call) => createTrigger(matching, request, call),
  getTrigger: async ({ triggerId }, call) => ({
    trigger: await getTrigger(matching, triggerId, call),
  }),
  listTriggers: async (request, call) => listTriggers(matching, request, call),
  cancelTrigger: async ({ triggerId }, call) => cancelTrigger(matching, triggerId, call),
});
