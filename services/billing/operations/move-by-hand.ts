import type { ConnectError } from "@connectrpc/connect";
import type { DescMessage, MessageInitShape, MessageShape } from "@bufbuild/protobuf";
import type { IdempotentCall } from "#mesh/idempotent-call.ts";
import { newId } from "#mesh/ids.ts";
import type { Billing } from "../context.ts";
import type { Asset } from "../domain/asset.ts";
import { needsTwo } from "../domain/four-eyes.ts";
import { type Movement, movementTransfer } from "../domain/movement.ts";
import { fail } from "../errors.ts";
import { once } from "../writer/once.ts";
import type { Bounds, Turn } from "../writer/work.ts";
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
 * S10). Throws REASON_REQUIRED where no reference says why, and what postMovement throws.
 */
export async function moveByHand<S extends DescMessage>(
  { writer, fourEyes }: Pick<Billing, "writer" | "fourEyes">,
  { movement, asset }: { readonly movement: Movement; readonly asset: Asset },
  { call, schema, toMessage, ...bounds }: Answer<S, Moved & { readonly turn: Turn }>,
): Promise<MessageShape<S>> {
  const event = movementTransfer(movement, asset);
  const isLarge = needsTwo(fourEyes, asset, movement.amount);
  const approvalId = newId();
  const kept = once(schema, call, (turn) => {
    const isMoved = turn.ledger.isUsed(event.id); // by an approval, longer ago than keys are kept
    if (isLarge && !isMoved) throw ask(turn, movement, { asset, approvalId });
    return toMessage({ ...postMovement(turn, movement, asset), turn });
  });
  const decide = (turn: Turn) => {
    const isNew = turn.replies.find(call) === undefined;
    if (isNew && isLarge && movement.reference.trim() === "") throw fail("REASON_REQUIRED");
    return kept.decide(turn);
  };
  return writer.submit({ ...bounds, eventCount: 1, ids: [event], ...kept, decide });
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
