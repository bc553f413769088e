import {
  type RequeueDeadLettersResponse,
  RequeueDeadLettersResponseSchema,
} from "#gen/mizan/matching/v1/operations_service_pb.ts";
import { once } from "#mesh/database/idempotency.ts";
import * as events from "#mesh/events/operations.ts";
import type { Call, Matching } from "../context.ts";

/** Hands dead letters to their consumers again, once per key. */
export async function requeueDeadLetters(
  { db }: Pick<Matching, "db">,
  ids: readonly string[],
  { values }: Pick<Call, "values">,
): Promise<RequeueDeadLettersResponse> {
  return once(db, values, RequeueDeadLettersResponseSchema, async (tx) => ({
    requeuedCount: await events.requeueDeadLetters(tx, ids),
  }));
}
