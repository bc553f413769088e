import type { ConnectError } from "@connectrpc/connect";
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
import {
  countSame,
  NEEDED_OPINIONS,
  otherWord,
  resolve,
  type Resolution,
} from "../domain/administer-payout.ts";
import type { Opinion } from "../domain/payout.ts";
import { commitMoves } from "../engine/commit-moves.ts";
import { fail } from "../errors.ts";
import { findOpinions, keepOpinion } from "../store/opinions.ts";
import { administered } from "./administered.ts";
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
 * first one says is kept, and answered with APPROVAL_REQUIRED; what another one says otherwise is
 * kept beside it, and answered with OPINIONS_DIFFER. Throws REFERENCE_REQUIRED, PAYOUT_NOT_FOUND,
 * PAYOUT_STATE_DIFFERS, OWN_PAYOUT, or SAME_ADMINISTRATOR.
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
    const word = { ...by, version: payout.version, opinion: kind, bankReference };
    const opinions = await findOpinions(tx, [payoutId]);
    if (countSame(opinions, word) < NEEDED_OPINIONS) throw notYet(word, opinions, isNew);
    const resolution: Resolution = kind === "PAID" ? { kind, bankReference } : { kind };
    const moved = await commitMoves(tx, [resolve(payout, resolution)]);
    const [shown] = await administered(tx, [moved.get(payout.id)!]);
    return { payout: shown! };
  });
  committed();
  return response;
}

/** Why nothing has ended yet. The words of others are told; what they call the payment is listed. */
function notYet(
  word: Omit<Opinion, "reason">,
  opinions: readonly Opinion[],
  isNew: boolean,
): ConnectError {
  const { payoutId: payout_id, opinion } = word;
  const other = otherWord(opinions, word);
  if (other === undefined)
    return fail(isNew ? "APPROVAL_REQUIRED" : "SAME_ADMINISTRATOR", { payout_id });
  const said = other.opinion === opinion ? `${opinion} with another reference` : other.opinion;
  return fail("OPINIONS_DIFFER", { payout_id, person_id: other.personId, said });
}
