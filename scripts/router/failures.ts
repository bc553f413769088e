import type { ConnectError } from "@connectrpc/connect";
import { refusal } from "#mesh/edge/refusals.ts";

/** How a service fails to answer: no connection, no answer in time, none that is whole and HTTP. */
export type Failure = "SERVICE_AWAY" | "SERVICE_TOO_SLOW" | "SERVICE_BROKE_OFF";

/** What a caller is told when a service could not answer, with the status. */
export function tell(failure: Failure, service: string): [error: ConnectError, status: number] {
  return [refusal(failure, { service }), statuses[failure]];
}

const statuses = { SERVICE_AWAY: 503, SERVICE_TOO_SLOW: 504, SERVICE_BROKE_OFF: 502 };
