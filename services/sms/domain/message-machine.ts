import type { Input } from "./inputs.ts";
import type { ChargeState, FailureReason, MessageState } from "./message.ts";

/** What the table of states asks of a message. */
export type Standing = {
  readonly state: MessageState;
  readonly charge: ChargeState;
  /** Whether its validity is over, by the clock of the database (SCH-2, L16). */
  readonly isOver: boolean;
};

/** Where a message goes. */
export type Move = {
  readonly state: MessageState;
  readonly charge: ChargeState;
  readonly failure?: FailureReason;
};

/** What the operator has settled about money. */
export type MoneyPolicy = { readonly refundUndelivered: boolean };

/**
 * Where a message goes when something happens to it; undefined when that changes nothing (ST-1).
 * Ends absorb all. What comes too late for its state, such as the answer to an attempt that was
 * given up, is no move either. After its validity it is never taken, nor queued by a look-up.
 */
export function next(message: Standing, input: Input, policy: MoneyPolicy): Move | undefined {
  const move = goes(message, input);
  if (move === undefined) return undefined;
  const [state, failure] = move;
  const charge = charged(message.charge, state, policy);
  return failure === undefined ? { state, charge } : { state, charge, failure };
}

type Goal = readonly [state: MessageState, failure?: FailureReason];

function goes({ state, isOver }: Standing, input: Input): Goal | undefined {
  switch (state) {
    case "QUEUED":
      return fromQueued(input, isOver);
    case "SENDING":
      return fromSending(input);
    case "UNCERTAIN":
      return fromUncertain(input, isOver);
    case "SENT":
      return fromSent(input);
    case "PARTIALLY_DELIVERED":
      return fromPartlyDelivered(input);
    default:
      return undefined;
  }
}

/** It may be known late that the attempt before was accepted; it must not go a second time. */
function fromQueued(input: Input, isOver: boolean): Goal | undefined {
  if (input.kind === "SENT") return ["SENT"];
  if (isOver && (input.kind === "TAKEN" || input.kind === "EXPIRED")) return ["EXPIRED"];
  if (input.kind === "TAKEN") return ["SENDING"];
  return input.kind === "REFUSED" ? ["FAILED", input.failure] : undefined;
}

function fromSending(input: Input): Goal | undefined {
  if (input.kind === "SENT") return ["SENT"];
  if (input.kind === "PUT_BACK") return ["QUEUED"];
  if (input.kind === "REFUSED") return ["FAILED", input.failure];
  return input.kind === "UNKNOWN" ? ["UNCERTAIN"] : undefined;
}

function fromUncertain(input: Input, isOver: boolean): Goal | undefined {
  if (input.kind === "SENT") return ["SENT"];
  if (input.kind === "NOT_FOUND") return [isOver ? "EXPIRED" : "QUEUED"];
  if (input.kind === "GIVEN_UP") return ["FAILED", "UNKNOWN_OUTCOME"];
  return input.kind === "EXPIRED" && isOver ? ["EXPIRED"] : undefined;
}

function fromSent(input: Input): Goal | undefined {
  if (input.kind === "NO_RECEIPT") return ["FAILED", "NO_RECEIPT"];
  if (input.kind !== "RECEIPT" || input.state === "SENT") return undefined;
  return input.state === "FAILED" ? ["FAILED", "NOT_REACHED_OPERATOR"] : [input.state];
}

/** One part at least is delivered, so the whole has not failed (DLR-6). */
function fromPartlyDelivered(input: Input): Goal | undefined {
  if (input.kind === "NO_RECEIPT") return ["UNDELIVERED", "PARTIAL_RECEIPT"];
  if (input.kind !== "RECEIPT" || input.state === "SENT") return undefined;
  return [input.state === "DELIVERED" ? "DELIVERED" : "UNDELIVERED"];
}

/** The money column (MON-5, MON-7): what is given back was reserved, or captured with its chunk. */
function charged(charge: ChargeState, state: MessageState, policy: MoneyPolicy): ChargeState {
  if (state === "SENT") return charge === "RESERVED" ? "CAPTURED" : charge;
  const isGivenBack = state === "UNDELIVERED" ? policy.refundUndelivered : givesBack.has(state);
  if (!isGivenBack) return charge;
  if (charge === "RESERVED") return "RELEASED";
  return charge === "CAPTURED" ? "REFUNDED" : charge;
}

const givesBack = new Set<MessageState>(["FAILED", "EXPIRED", "CANCELLED", "REJECTED"]);
