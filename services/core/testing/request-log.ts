import { newId } from "#mesh/ids.ts";
import type { RequestLog } from "../domain/request-log.ts";

/** A call as the request log has it; a test says what matters to it. */
export function requestLog(fields: Partial<RequestLog> = {}): RequestLog {
  return {
    id: newId(),
    service: "core",
    method: "mizan.core.v1.UserService/GetCurrentUser",
    principal: "public",
    peer: "",
    ip: "192.0.2.1",
    code: "Ok",
    reason: "",
    durationMs: 3,
    idempotencyKey: "",
    objectId: "",
    atMs: Date.now(),
    ...fields,
  };
}
