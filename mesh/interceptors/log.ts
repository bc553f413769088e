import type { Message } from "@bufbuild/protobuf";
import { MethodOptions_IdempotencyLevel as Level } from "@bufbuild/protobuf/wkt";
import { Code, type Interceptor } from "@connectrpc/connect";
import { callerKey, principalOf } from "../access.ts";
import { shownKey } from "../call-key.ts";
import type { CallListener } from "../call-record.ts";
import { clientKey } from "../client.ts";
import { reasonOf } from "../errors.ts";
import { peerKey } from "../grpc/peer.ts";
import type { Log } from "../log.ts";
import { methodName } from "../method-name.ts";
import { isForeseen } from "./errors.ts";
import { firstMessage } from "./first-message.ts";
import { objectIdOf } from "./object-id.ts";
import {
  type AnyCall,
  type AnyRequest,
  type AnyResponse,
  type Failure,
  whenOver,
} from "./when-over.ts";

/** What the log of calls needs of a log. */
export type CallLog = Pick<Log, "debug" | "info" | "warn" | "error">;

/**
 * Writes a line for every call, at its end; reads that went well only when debugging. Whoever
 * listens to calls is told of all of them.
 */
export function logCalls(log: CallLog, listener?: CallListener): Interceptor {
  if (listener === undefined) return (next) => (request) => logged(next, request, { log });
  return (next) => async (request) => {
    const opened = firstMessage(request);
    const { request: call, asked } = opened instanceof Promise ? await opened : opened;
    return logged(next, call, { log, listener, asked });
  };
}

type Means = {
  readonly log: CallLog;
  readonly listener?: CallListener;
  /** What the call asks for, where that is one message. */
  readonly asked?: Message | undefined;
};

async function logged(
  next: AnyCall,
  request: AnyRequest,
  { log, listener, asked }: Means,
): ReturnType<AnyCall> {
  const start = performance.now();
  const key = listener === undefined ? "" : givenKey(request); // later it may be one of ours
  return whenOver(next, request, (failure, response) => {
    const ms = Math.round((performance.now() - start) * 10) / 10;
    const fields = fieldsOf(request);
    listener?.({
      ...toldOf(fields, failure),
      durationMs: Math.round(ms),
      atMs: Date.now() - Math.round(ms),
      idempotencyKey: shownKey(key),
      objectId: asked === undefined ? "" : objectOf(request, asked, response),
    });
    if (failure !== undefined) return logFailure(log, failure.reason, { ...fields, ms });
    const quiet = request.method.idempotency === Level.NO_SIDE_EFFECTS;
    (quiet ? log.debug : log.info)({ ...fields, ms }, "answered");
    return undefined;
  });
}

function logFailure(log: CallLog, reason: unknown, fields: object): unknown {
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

type Fields = ReturnType<typeof fieldsOf>;

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

function toldOf({ method, caller, peer = "", ip = "" }: Fields, failure: Failure | undefined) {
  const told = { method, principal: caller, peer, ip };
  if (failure === undefined) return { ...told, code: "Ok", reason: "" };
  const { reason } = failure;
  if (!isForeseen(reason)) return { ...told, code: Code[Code.Internal], reason: "INTERNAL" };
  return { ...told, code: Code[reason.code], reason: reasonOf(reason) ?? "" };
}

/** The key that the caller has given, in the header or in the request. */
function givenKey({ header, ...request }: AnyRequest): string {
  const given = header.get("idempotency-key");
  if (given !== null) return given;
  return request.stream ? "" : ((request.message as { requestId?: string }).requestId ?? "");
}

function objectOf({ method }: AnyRequest, asked: Message, response?: AnyResponse): string {
  const answer = response === undefined || response.stream ? undefined : response.message;
  return objectIdOf(method, asked, answer);
}
