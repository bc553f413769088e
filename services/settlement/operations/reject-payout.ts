import {
  type RejectPayoutResponse,
  RejectPayoutResponseSchema,
} from "#gen/mizan/settlement/v1/payout_service_pb.ts";
import { personOf } from "#mesh/access.ts";
import { once } from "#mesh/database/idempotency.ts";
import { committed } from "#mesh/events/outbox.ts";
import type { Call, Settlement } from "../context.ts";
import { cancel } from "../domain/administer-payout.ts";
import { commitMoves } from "../engine/commit-moves.ts";
import { administered } from "./administered.ts";
import { lockForAdministrator } from "./lock-for-administrator.ts";

/**
 * Calls a payout off that is with no provider, once a key (PAY-6). Throws PAYOUT_NOT_FOUND,
 * OWN_PAYOUT, or PAYOUT_STATE_DIFFERS while an attempt is in flight and once it has ended.
 */
export async function rejectPayout(
  { db }: Pick<Settlement, "db">,
  { payoutId, reason }: { readonly payoutId: string; readonly reason: string },
  { values }: Pick<Call, "values">,
): Promise<RejectPayoutResponse> {
  const by = { payoutId, personId: personOf(values).id };
  const response = await once(db, values, RejectPayoutResponseSchema, async (tx) => {
    const payout = await lockForAdministrator(tx, by, [
      "PENDING APPROVAL",
      "PENDING QUEUED",
      "PENDING FUNDS",
    ]);
    const moved = await commitMoves(tx, [cancel(payout, reason)]);
    const [shown] = await administered(tx, [moved.get(payout.id)!]);
    return { payout: shown! };
  });
  committed();
  return response;
}
