import { timestampMs } from "@bufbuild/protobuf/wkt";
import {
  type Payout,
  Payout_State,
  type PayoutAttempt,
  PayoutAttempt_State,
} from "#gen/mizan/settlement/v1/payout_pb.ts";
import type { Attempt, PayoutNews, PayoutState } from "../domain/withdrawal.ts";

/** What settlement says of a payout. A state that this version does not know is taken for UNKNOWN. */
export function toNews(payout: Payout): PayoutNews {
  const { id, version, reason, provider, bankReference } = payout;
  const state = states.get(payout.state) ?? "UNKNOWN";
  const attempts = payout.attempts.map(toAttempt);
  return { id, state, version, reason, provider, bankReference, attempts };
}

function toAttempt({ number, provider, state, code, createTime }: PayoutAttempt): Attempt {
  const createdAtMs = createTime === undefined ? 0 : timestampMs(createTime);
  return { number, provider, state: attemptStates.get(state) ?? "UNKNOWN", code, createdAtMs };
}

const states = namesOf<PayoutState>(Payout_State);
const attemptStates = namesOf<string>(PayoutAttempt_State);

/** The names of the numbers; that of 0 stands for nothing. */
function namesOf<N extends string>(
  numbers: Readonly<Record<N | "UNSPECIFIED", number>>,
): ReadonlyMap<number, N> {
  const known = Object.entries<number>(numbers).filter(([, number]) => number !== 0);
  return new Map(known.map(([name, number]) => [number, name as N]));
}
