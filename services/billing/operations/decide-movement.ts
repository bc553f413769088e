import type { DescMessage, MessageInitShape, MessageShape } from "@bufbuild/protobuf";
import type { Billing } from "../context.ts";
import type { Approval } from "../domain/approval.ts";
import { movementTransfer } from "../domain/movement.ts";
import { fail } from "../errors.ts";
import { findApproval } from "../store/approvals.ts";
import { once } from "../writer/once.ts";
import type { Turn } from "../writer/work.ts";
import { agreeToMovement } from "./agree-to-movement.ts";
import type { Answer } from "./move-by-hand.ts";

/**
 * Agrees to a movement and makes it: the decision, the transfer and the answer are one commit, so
 * that none is ever there without the others. The transfer is the one that the first administrator
 * has asked for, so that it is made once. Throws APPROVAL_NOT_FOUND, APPROVAL_DECIDED, SAME_PERSON
 * for the one who has asked, or what the movement is refused with; then it stays undecided.
 */
export async function approveMovement<S extends DescMessage>(
  billing: Billing,
  approvalId: string,
  answer: Answer<S, Approval>,
): Promise<MessageShape<S>> {
  return decide(
    billing,
    approvalId,
    answer,
    (turn, pending) => agreeToMovement(turn, pending, answer.call.principal).approval,
  );
}

/**
 * Refuses a movement for ever; the one who has asked may take it back so. Throws APPROVAL_NOT_FOUND
 * or APPROVAL_DECIDED.
 */
export async function rejectMovement<S extends DescMessage>(
  billing: Billing,
  approvalId: string,
  answer: Answer<S, Approval>,
): Promise<MessageShape<S>> {
  return decide(billing, approvalId, answer, ({ register, atUs }, { id }) =>
    register.decide(id, "rejected", { decidedBy: answer.call.principal, decidedAtUs: atUs }),
  );
}

/** Decides about what nobody has decided about yet; the writer's memory has all of that. */
async function decide<S extends DescMessage>(
  { db, writer, assets }: Billing,
  approvalId: string,
  { call, schema, toMessage, ...bounds }: Answer<S, Approval>,
  conclude: (turn: Turn, pending: Approval) => Approval,
): Promise<MessageShape<S>> {
  const asked = await findApproval(db, approvalId);
  if (asked === undefined) throw fail("APPROVAL_NOT_FOUND", { approval_id: approvalId });
  const { movement } = asked;
  const effect = (turn: Turn): MessageInitShape<S> => {
    const pending = turn.register.pendingApproval(asked.id);
    if (pending === undefined) throw fail("APPROVAL_DECIDED", { approval_id: asked.id });
    return toMessage(conclude(turn, pending));
  };
  const ids = [movementTransfer(movement, assets.ofLedger(movement.ledger))];
  return writer.submit({ ...bounds, eventCount: 1, ids, ...once(schema, call, effect) });
}
