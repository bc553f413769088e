import { MethodOptions_IdempotencyLevel as Level } from "@bufbuild/protobuf/wkt";
import { Code, type Interceptor } from "@connectrpc/connect";
import { callerKey, principalOf } from "../access.ts";
import { clientKey } from "../client.ts";
import { reasonOf } from "../errors.ts";
import { peerKey } from "../grpc/peer.ts";
import type { Log } from "../log.ts";
import { methodName } from "../method-name.ts";
import { isForeseen } from "./errors.ts";
import { type AnyRequest, whenOver } from "./when-over.ts";

/** What the log of calls needs of a log. */
export type CallLog = Pick<Log, "debug" | "info" | "warn" | "error">;

/** Writes a line for every call, at its end; reads that went well only when debugging. */
export function logCalls(log: CallLog): Interceptor {
  return (next) => (request) => {
    const start = performance.now();
    return whenOver(next, request, (failure) => {
      const ms = Math.round((performance.now() - start) * 10) / 10;
      if (failure !== undefined) return logFailure(log, request, { ...failure, ms });
      const quiet = request.method.idempotency === Level.NO_SIDE_EFFECTS;
      (quiet ? log.debug : log.info)({ ...fieldsOf(request), ms }, "answered");
      return undefined;
    });
  };
}

function logFailure(
  log: CallLog,
  request: AnyRequest,
  { reason, ms }: { reason: unknown; ms: number },
): unknown {
  const fields = { ...fieldsOf(request), ms };
  if (!isForeseen(reason)) {
    log.error({ ...fields, code: Code[Code.Internal], err: reason }, "failed");
    return reason;
  }
  const told = { ...fields, code: Code[reason.code], reason: reasonOf(reason) };
  if (troubles.has(reason.code)) log.warn({ ...told, err: reason }, "failed");
  else log.info(told, "refused");
  return reason;
}

/** Codes that tell of trouble on our side. */
const troubles = new Set([Code.Unavailable, Code.DeadlineExceeded, Code.ResourceExhausted]);

function fieldsOf({ method, contextValues }: AnyRequest) {
  const peer = contextValues.get(peerKey);
  return {
    method: methodName(method),
    wire: peer === undefined ? "http" : "grpc",
    peer: peer?.service,
    caller: principalOf(contextValues.get(callerKey)),
    ip: contextValues.get(clientKey)?.ip,
  };
}
