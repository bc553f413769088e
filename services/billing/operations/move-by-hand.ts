import type { ConnectError } from "@connectrpc/connect";
import type { DescMessage, MessageInitShape, MessageShape } from "@bufbuild/protobuf";
import type { IdempotentCall } from "#mesh/idempotent-call.ts";
import { newId } from "#mesh/ids.ts";
import { MAX_ASKED_MOVEMENTS as MAX_ASKED } from "#mesh/limits.ts";
import { fail as failForAll } from "#mesh/reasons.ts";
import type { Billing } from "../context.ts";
import type { Asset } from "../domain/asset.ts";
import { needsTwo } from "../domain/four-eyes.ts";
import {
  isAskedWith,
  isSameMovement,
  type Movement,
  movementTransfer,
} from "../domain/movement.ts";
import { fail } from "../errors.ts";
import { findPendingOfOthers } from "../store/approvals.ts";
import { once } from "../writer/once.ts";
import type { Bounds, Turn } from "../writer/work.ts";
import { agreeToMovement } from "./agree-to-movement.ts";
import { findBeneficiary, type Moved, postMovement } from "./post-movement.ts";

/** A call that has its effect once, and the answer that is kept for it. */
export type Answer<S extends DescMessage, R> = Bounds & {
  readonly call: IdempotentCall;
  readonly schema: S;
  readonly toMessage: (result: R) => MessageInitShape<S>;
};

/**
 * Moves money for an administrator, once a key. Above the limit of its asset nothing is moved: what
 * was asked for is kept, and the answer is APPROVAL_REQUIRED, which names the approval (HOLD-7,
 * S10). Another administrator who makes the same call with the same key agrees to that. Throws
 * REASON_REQUIRED where no reference says why, IDEMPOTENCY_KEY_REUSED when what waits for a second
 * administrator under this key is something else, and what postMovement throws.
 */
export async function moveByHand<S extends DescMessage>(
  { db, writer, fourEyes }: Pick<Billing, "db" | "writer" | "fourEyes">,
  { movement, asset }: { readonly movement: Movement; readonly asset: Asset },
  { call, schema, toMessage, ...bounds }: Answer<S, Moved & { readonly turn: Turn }>,
): Promise<MessageShape<S>> {
  const event = movementTransfer(movement, asset);
  const isLarge = needsTwo(fourEyes, asset, movement.amount);
  const approvalId = newId();
  const others = isLarge ? await findPendingOfOthers(db, { ...call, limit: MAX_ASKED }) : [];
  const asked = others.find((one) => isAskedWith(one.movement, call));
  const kept = once(schema, call, (turn) => {
    const pending = asked && turn.register.pendingApproval(asked.id);
    if (pending) return toMessage({ ...agreeToMovement(turn, pending, call.principal), turn });
    const isMoved = turn.ledger.isUsed(event.id); // by an approval, longer ago than keys are kept
    if (isLarge && !isMoved) throw ask(turn, movement, { asset, approvalId });
    return toMessage({ ...postMovement(turn, movement, asset), turn });
  });
  const decide = (turn: Turn) => {
    const isNew = turn.replies.find(call) === undefined;
    if (isNew && isLarge && movement.reference.trim() === "") throw fail("REASON_REQUIRED");
    if (isNew && asked !== undefined && !isSameMovement(asked.movement, movement)) {
      throw failForAll("IDEMPOTENCY_KEY_REUSED", { key: call.key }); // the key stays free
    }
    return kept.decide(turn);
  };
  const ids = asked === undefined ? [event] : [event, movementTransfer(asked.movement, asset)];
  return writer.submit({ ...bounds, eventCount: 1, ids, ...kept, decide });
}

/** Keeps what was asked for; returns what the one who has asked is told. */
function ask(
  { ledger, register, atUs }: Turn,
  movement: Movement,
  { asset, approvalId: id }: { readonly asset: Asset; readonly approvalId: string },
): ConnectError {
  findBeneficiary(ledger, movement);
  register.ask({ id, movement, requestedAtUs: atUs, state: "pending" });
  return fail("APPROVAL_REQUIRED", { approval_id: id, asset: asset.code });
}
