import {
  type ApprovePayoutResponse,
  ApprovePayoutResponseSchema,
} from "#gen/mizan/settlement/v1/payout_service_pb.ts";
import { personOf } from "#mesh/access.ts";
import { once } from "#mesh/database/idempotency.ts";
import { committed } from "#mesh/events/outbox.ts";
import type { Call, Settlement } from "../context.ts";
import { approve, countSame, NEEDED_OPINIONS } from "../domain/administer-payout.ts";
import { commitMoves } from "../engine/commit-moves.ts";
import { fail } from "../errors.ts";
import { findOpinions, keepOpinion } from "../store/opinions.ts";
import { administered } from "./administered.ts";
import { lockForAdministrator } from "./lock-for-administrator.ts";

/**
 * Lets a large payout go, once a key; two different administrators have to, and none for money of
 * their own. Throws PAYOUT_NOT_FOUND, PAYOUT_STATE_DIFFERS, OWN_PAYOUT, or ALREADY_APPROVED for
 * the same administrator again.
 */
export async function approvePayout(
  { db }: Pick<Settlement, "db">,
  payoutId: string,
  { values }: Pick<Call, "values">,
): Promise<ApprovePayoutResponse> {
  const { id: personId } = personOf(values);
  const response = await once(db, values, ApprovePayoutResponseSchema, async (tx) => {
    const payout = await lockForAdministrator(tx, { payoutId, personId }, ["PENDING APPROVAL"]);
    const { version } = payout;
    const said = { payoutId, version, opinion: "APPROVE", bankReference: "" } as const;
    const isNew = await keepOpinion(tx, { ...said, personId, reason: "" });
    if (!isNew) throw fail("ALREADY_APPROVED", { payout_id: payoutId });
    const missing = NEEDED_OPINIONS - countSame(await findOpinions(tx, [payoutId]), said);
    const moved = missing > 0 ? undefined : await commitMoves(tx, [approve(payout)]);
    const [shown] = await administered(tx, [moved?.get(payout.id) ?? payout]);
    return { payout: shown!, missingApprovals: Math.max(missing, 0) };
  });
  committed();
  return response;
}
