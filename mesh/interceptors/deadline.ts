import { Code, ConnectError, type Interceptor } from "@connectrpc/connect";
import { parseTimeout } from "@connectrpc/connect/protocol-connect";
import { parseTimeout as parseGrpcTimeout } from "@connectrpc/connect/protocol-grpc";
import { deadlineKey } from "../deadline.ts";
import { reasonOf } from "../errors.ts";
import { peerKey } from "../grpc/peer.ts";
import { MAX_DEADLINE_MS } from "../limits.ts";
import { fail } from "../reasons.ts";
import { ruleOf } from "../rule.ts";
import { refuse } from "./refuse.ts";
import {
  type AnyCall,
  type AnyRequest,
  type AnyResponse,
  type Failure,
  whenOver,
} from "./when-over.ts";

/**
 * Gives every unary call an end: the deadline it came with, shortened to the maximum of its
 * method, or the method's default (G7, G14). At the end the caller is answered, and the handler is
 * told by the signal. A stream keeps the deadline it came with, or none (AD-11); when its caller has
 * left it is CANCELED, by whatever the wire tells the handler of it.
 */
export const deadline: Interceptor = (next) => async (request) => {
  const nowMs = Date.now();
  const asked = askedOf(request, nowMs);
  if (request.stream) {
    if (asked !== undefined) request.contextValues.set(deadlineKey, asked);
    return whenOver(next, request, (failure) => failure && endedOf(request, failure));
  }
  const { defaultTimeoutMs = MAX_DEADLINE_MS, maxTimeoutMs = MAX_DEADLINE_MS } =
    ruleOf(request.method) ?? {};
  const granted = Math.min(asked ?? nowMs + defaultTimeoutMs, nowMs + maxTimeoutMs);
  if (granted <= nowMs) throw fail("DEADLINE_PASSED");
  request.contextValues.set(deadlineKey, granted);
  if (granted !== asked) return within(next, request, granted - nowMs);
  // gRPC itself answers at the end that the caller has set.
  const isAnswered = request.contextValues.get(peerKey) !== undefined;
  return isAnswered ? explained(next, request) : within(next, request, undefined);
};

/** Says of a call that was ended from outside why it was, whatever the handler made of it. */
async function explained(next: AnyCall, request: AnyRequest): Promise<AnyResponse> {
  try {
    return await next(request);
  } catch (reason) {
    throw request.signal.aborted ? endOf(request.signal) : reason;
  }
}

/** Says why a stream was ended from outside; what else it failed with is told as it is. */
function endedOf({ signal }: AnyRequest, { reason }: Failure): unknown {
  const isEnded = reason === signal.reason || (reason instanceof Error && isAbort(reason));
  return signal.aborted && isEnded ? endOf(signal) : reason;
}

/** Whether an error is that of a wait that a signal has ended. */
function isAbort({ name }: Error): boolean {
  return name === "AbortError";
}

/** When the caller wants it to end, in epoch milliseconds; our gRPC wire has written it down. */
function askedOf({ contextValues, header }: AnyRequest, nowMs: number): number | undefined {
  const known = contextValues.get(deadlineKey);
  if (known !== undefined) return known;
  const plain = parseTimeout(header.get("connect-timeout-ms"), Infinity).timeoutMs;
  const timeoutMs = plain ?? parseGrpcTimeout(header.get("grpc-timeout"), Infinity).timeoutMs;
  return timeoutMs === undefined ? undefined : nowMs + timeoutMs;
}

/** Answers at the end even when the handler does not; our timer is for ends that no wire knows. */
async function within(
  next: AnyCall,
  request: AnyRequest,
  timeoutMs: number | undefined,
): Promise<AnyResponse> {
  const controller = timeoutMs === undefined ? undefined : new AbortController();
  const signal = controller?.signal ?? request.signal;
  if (request.signal.aborted) throw endOf(request.signal);
  const { promise: ended, reject: end } = Promise.withResolvers<never>();
  const over = () => end(endOf(signal));
  const leave = () => controller?.abort(request.signal.reason);
  const timer =
    controller && setTimeout(() => controller.abort(fail("DEADLINE_PASSED")), timeoutMs);
  signal.addEventListener("abort", over, { once: true }); // before the handler can hear of it
  if (controller !== undefined) request.signal.addEventListener("abort", leave, { once: true });
  try {
    return await Promise.race([next(controller ? { ...request, signal } : request), ended]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", over);
    request.signal.removeEventListener("abort", leave);
  }
}

/** Why a call was ended from outside. */
function endOf({ reason }: AbortSignal): ConnectError {
  if (reason instanceof ConnectError && reasonOf(reason) !== undefined) return reason;
  const { code } = ConnectError.from(reason, Code.Canceled);
  return code === Code.DeadlineExceeded ? fail("DEADLINE_PASSED") : refuse("CANCELED");
}
