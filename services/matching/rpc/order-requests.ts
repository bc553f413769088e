import { type Timestamp, timestampMs } from "@bufbuild/protobuf/wkt";
import type { HandlerContext } from "@connectrpc/connect";
import { Order_State } from "#gen/mizan/matching/v1/order_pb.ts";
import { personOf } from "#mesh/access.ts";
import { deadlineKey } from "#mesh/deadline.ts";
import { ruleOf } from "#mesh/rule.ts";
import type { OrderState } from "../domain/order-record.ts";
import type { Who } from "../operations/placed.ts";

/** For whom a call is: the person who makes it, and no session. */
export function whoOf({ values }: Pick<HandlerContext, "values">): Who {
  return { accountId: personOf(values).id.toLowerCase(), session: 0 };
}

/** How long the caller of a call waits. */
export function boundsOf({ signal, values }: Pick<HandlerContext, "signal" | "values">) {
  return { signal, deadlineMs: values.get(deadlineKey) };
}

/** When a stream has to begin anew: at the caller's deadline, or after the longest time of it. */
export function streamEndOf({ method, values }: Pick<HandlerContext, "method" | "values">): number {
  const longestMs = ruleOf(method)?.maxTimeoutMs ?? 0;
  return Math.min(values.get(deadlineKey) ?? Infinity, Date.now() + longestMs);
}

/** A time of the wire in milliseconds; undefined for none. */
export function timeOf(time: Timestamp | undefined): number | undefined {
  return time === undefined ? undefined : timestampMs(time);
}

/** The states of the wire as words; what is not known is left out. */
export function statesOf(states: readonly Order_State[]): OrderState[] {
  return words.filter((word) => states.includes(Order_State[word]));
}

const words: readonly OrderState[] = [
  "PENDING_TRIGGER",
  "NEW",
  "PARTIALLY_FILLED",
  "FILLED",
  "CANCELLED",
  "EXPIRED",
  "EXPIRED_IN_MATCH",
  "REJECTED",
];
