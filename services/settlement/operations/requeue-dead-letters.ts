import {
  type RequeueDeadLettersResponse,
  RequeueDeadLettersResponseSchema,
} from "#gen/mizan/settlement/v1/operations_service_pb.ts";
import { once } from "#mesh/database/idempotency.ts";
import * as events from "#mesh/events/operations.ts";
import type { Call, Settlement } from "../context.ts";

/** Hands dead letters to their consumers again, once per key. */
export async function requeueDeadLetters(
  { db }: Pick<Settlement, "db">,
  ids: readonly string[],
  { values }: Pick<Call, "values">,
): Promise<RequeueDeadLettersResponse> {
  return once(db, values, RequeueDeadLettersResponseSchema, async (tx) => ({
    requeuedCount: await events.requeueDeadLetters(tx, ids),
  }));
}
