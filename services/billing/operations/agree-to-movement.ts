import type { Approval } from "../domain/approval.ts";
import { fail } from "../errors.ts";
import type { Turn } from "../writer/work.ts";
import { type Moved, postMovement } from "./post-movement.ts";

/**
 * Makes a movement that another administrator has asked for, and keeps the decision, in a turn of
 * the writer. Throws SAME_PERSON for the one who has asked, or what the movement is refused with;
 * then it stays undecided.
 */
export function agreeToMovement(
  turn: Turn,
  { id, movement }: Approval,
  decidedBy: string,
): Moved & { readonly approval: Approval } {
  if (movement.requestedBy === decidedBy) throw fail("SAME_PERSON", { approval_id: id });
  const asset = turn.register.assets.ofLedger(movement.ledger);
  const moved = postMovement(turn, movement, asset, decidedBy);
  const decision = { decidedBy, decidedAtUs: turn.atUs, transferId: moved.transfer.id };
  return { ...moved, approval: turn.register.decide(id, "approved", decision) };
}
