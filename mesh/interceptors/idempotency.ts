import { hash } from "node:crypto";
import type { DescMethod, Message } from "@bufbuild/protobuf";
import { MethodOptions_IdempotencyLevel as Level } from "@bufbuild/protobuf/wkt";
import { ConnectError, type Interceptor, type UnaryRequest } from "@connectrpc/connect";
import { Replay } from "#gen/mizan/access/v1/access_pb.ts";
import { callerKey, principalOf } from "../access.ts";
import { peerKey } from "../grpc/peer.ts";
import { callKey, type IdempotentCall } from "../idempotent-call.ts";
import { newId } from "../ids.ts";
import { methodName } from "../method-name.ts";
import { fail } from "../reasons.ts";
import { ruleOf } from "../rule.ts";
import { canonicalBytes } from "./canonical.ts";

/**
 * Gives every mutation its key, in the field request_id: the caller's, or that of the header
 * Idempotency-Key. A call from outside without one gets a key of its own, unless the rule of the method
 * wants the caller's; inside it is refused. A method whose answers are stored finds key and hash of the request in the context (A3, L6), and
 * an answer that was given before says so in its header.
 */
export const idempotency: Interceptor = (next) => async (request) => {
  if (request.stream || request.method.idempotency !== Level.IDEMPOTENT) return next(request);
  const keyed = request.message as Message & { requestId?: string };
  const key = keyOf(request, keyed.requestId ?? "");
  const call = callOf(request, key);
  if ("requestId" in request.method.input.field) keyed.requestId = key;
  request.contextValues.set(callKey, call);
  try {
    const response = await next(request);
    if (call?.replayed === true) response.header.set(replayedHeader, "true");
    return response;
  } catch (reason) {
    if (call?.replayed === true && reason instanceof ConnectError) {
      reason.metadata.set(replayedHeader, "true");
    }
    throw reason;
  }
};

const keyHeader = "idempotency-key";
const replayedHeader = "idempotent-replayed";

/** What a key may be: 1 to 255 visible characters. */
const visible = /^[!-~]{1,255}$/;

/** The key of a call: the field, or the header, which must be the same if both are there. */
function keyOf({ contextValues, header, method }: UnaryRequest, requestId: string): string {
  const given = header.get(keyHeader);
  if (given !== null && !visible.test(given)) throw fail("INVALID_IDEMPOTENCY_KEY");
  if (given !== null && requestId !== "" && given !== requestId) {
    throw fail("IDEMPOTENCY_KEY_MISMATCH");
  }
  const key = given ?? requestId;
  if (key !== "") return key;
  if (contextValues.get(peerKey) !== undefined) throw fail("REQUEST_ID_REQUIRED");
  if (ruleOf(method)?.keyRequired === true) throw fail("IDEMPOTENCY_KEY_REQUIRED");
  return newId();
}

/** What the answer is stored under; nothing where each item of the request has an id of its own. */
function callOf(request: UnaryRequest, key: string): IdempotentCall | undefined {
  const { contextValues, message, method } = request;
  if (ruleOf(method)?.replay !== Replay.STORED) return undefined;
  const principal = principalOf(contextValues.get(callerKey));
  const fingerprint = hashOf(method, message);
  return { principal, method: methodName(method), key, hash: fingerprint, replayed: false };
}

/** The SHA-256 of a request without its key. */
function hashOf({ input }: DescMethod, message: Message & { requestId?: string }): Uint8Array {
  const { requestId } = message;
  if (requestId !== undefined) message.requestId = "";
  const bytes = canonicalBytes(input, message);
  if (requestId !== undefined) message.requestId = requestId;
  return hash("sha256", bytes, "buffer");
}
