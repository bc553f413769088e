import {
  type RequeueDeadLettersResponse,
  RequeueDeadLettersResponseSchema,
} from "#gen/mizan/billing/v1/operations_service_pb.ts";
import { once } from "#mesh/database/idempotency.ts";
import * as events from "#mesh/events/operations.ts";
import type { Billing, Call } from "../context.ts";

/** Hands dead letters to their consumers again, once per key. */
export async function requeueDeadLetters(
  billing: Billing,
  ids: readonly string[],
  { values }: Call,
): Promise<RequeueDeadLettersResponse> {
  return once(billing.db, values, RequeueDeadLettersResponseSchema, async (tx) => ({
    requeuedCount: await events.requeueDeadLetters(tx, ids),
  }));
}
