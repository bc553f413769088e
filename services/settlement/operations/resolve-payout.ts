import {
  type ResolvePayoutResponse,
  ResolvePayoutResponseSchema,
} from "#gen/mizan/settlement/v1/payout_service_pb.ts";
import { personOf } from "#mesh/access.ts";
import { findReply, once } from "#mesh/database/idempotency.ts";
import { transaction } from "#mesh/database/transaction.ts";
import { committed } from "#mesh/events/outbox.ts";
import { callKey } from "#mesh/idempotent-call.ts";
import type { Call, Settlement } from "../context.ts";
import { NEEDED_OPINIONS, resolve, type Resolution } from "../domain/administer-payout.ts";
import { commitMoves } from "../engine/commit-moves.ts";
import { fail } from "../errors.ts";
import { toPayout } from "./messages.ts";
import { countOpinions, keepOpinion } from "../store/opinions.ts";
import { lockForAdministrator } from "./lock-for-administrator.ts";

/** What an administrator says of a payout, and how it was found out. */
export type Said = {
  readonly payoutId: string;
  readonly kind: Resolution["kind"];
  readonly bankReference: string;
  readonly reason: string;
};

/**
 * Ends a payout whose outcome is unknown as two administrators say that it did (PAY-5). What the
 * first one says is kept, and answered with APPROVAL_REQUIRED. Throws REFERENCE_REQUIRED,
 * PAYOUT_NOT_FOUND, PAYOUT_STATE_DIFFERS, OWN_PAYOUT, or SAME_ADMINISTRATOR.
 */
export async function resolvePayout(
  { db }: Pick<Settlement, "db">,
  { payoutId, kind, reason, ...said }: Said,
  { values }: Pick<Call, "values">,
): Promise<ResolvePayoutResponse> {
  const bankReference = kind === "PAID" ? said.bankReference : "";
  if (kind === "PAID" && bankReference === "") throw fail("REFERENCE_REQUIRED");
  const { id: personId } = personOf(values);
  const by = { payoutId, personId };
  const isAnswered = (await findReply(db.sql, values.get(callKey)!)) !== undefined;
  // A refusal undoes its effect, so what was said is kept before.
  const isNew =
    isAnswered ||
    (await transaction(db, async (tx) => {
      const { version } = await lockForAdministrator(tx, by, ["UNKNOWN"]);
      return keepOpinion(tx, { ...by, version, opinion: kind, bankReference, reason });
    }));
  const response = await once(db, values, ResolvePayoutResponseSchema, async (tx) => {
    const payout = await lockForAdministrator(tx, by, ["UNKNOWN"]);
    const { version } = payout;
    const count = await countOpinions(tx, { payoutId, version, opinion: kind, bankReference });
    if (count < NEEDED_OPINIONS) {
      throw fail(isNew ? "APPROVAL_REQUIRED" : "SAME_ADMINISTRATOR", { payout_id: payoutId });
    }
    const resolution = kind === "PAID" ? { kind, bankReference } : { kind, reason };
    const moved = await commitMoves(tx, [resolve(payout, resolution)]);
    return { payout: toPayout(moved.get(payout.id)!) };
  });
  committed();
  return response;
}
