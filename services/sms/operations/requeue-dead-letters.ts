import {
  type RequeueDeadLettersResponse,
  RequeueDeadLettersResponseSchema,
} from "#gen/mizan/sms/v1/operations_service_pb.ts";
import { once } from "#mesh/database/idempotency.ts";
import * as events from "#mesh/events/operations.ts";
import type { Call, Sms } from "../context.ts";

/** Hands dead letters to their consumers again, once per key. */
export async function requeueDeadLetters(
  sms: Pick<Sms, "db">,
  ids: readonly string[],
  { values }: Pick<Call, "values">,
): Promise<RequeueDeadLettersResponse> {
  return once(sms.db, values, RequeueDeadLettersResponseSchema, async (tx) => ({
    requeuedCount: await events.requeueDeadLetters(tx, ids),
  }));
}
