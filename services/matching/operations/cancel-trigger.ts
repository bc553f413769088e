import { create } from "@bufbuild/protobuf";
import {
  type CancelTriggerResponse,
  CancelTriggerResponseSchema,
} from "#gen/mizan/matching/v1/trigger_service_pb.ts";
import { personOf } from "#mesh/access.ts";
import { once } from "#mesh/database/idempotency.ts";
import type { Call, Matching } from "../context.ts";
import { fail, failAtTrigger } from "../errors.ts";
import * as store from "../store/triggers.ts";
import { toTriggerMessage } from "./trigger-message.ts";

/**
 * Ends a trigger of the caller that waits, once a key. Throws TRIGGER_NOT_FOUND, and NOT_CANCELLABLE
 * for one that has fired or ended.
 */
export async function cancelTrigger(
  { db, markets }: Pick<Matching, "db" | "markets">,
  triggerId: string,
  { values }: Call,
): Promise<CancelTriggerResponse> {
  const { id: accountId } = personOf(values);
  return once(db, values, CancelTriggerResponseSchema, async (tx) => {
    const cancelled = await store.cancelTrigger(tx, accountId, triggerId);
    if (cancelled === undefined) {
      const found = await store.findTrigger(tx, accountId, triggerId);
      if (found === undefined) throw fail("TRIGGER_NOT_FOUND", { trigger_id: triggerId });
      throw failAtTrigger("NOT_CANCELLABLE", { trigger_id: triggerId, state: found.state });
    }
    const trigger = toTriggerMessage(cancelled, markets.find(cancelled.market)!);
    return create(CancelTriggerResponseSchema, { trigger });
  });
}
