import type { IncomingMessage, ServerResponse } from "node:http";
import {
  Code,
  ConnectError,
  createContextKey,
  createContextValues,
  type Interceptor,
} from "@connectrpc/connect";
import { universalRequestFromNodeRequest } from "@connectrpc/connect-node";
import type { UniversalServerRequest } from "@connectrpc/connect/protocol";
import { headerTimeout, parseTimeout } from "@connectrpc/connect/protocol-connect";
import * as grpcWeb from "@connectrpc/connect/protocol-grpc-web";
import { type Client, clientKey } from "../client.ts";
import { reasonOf } from "../errors.ts";
import { MAX_DEADLINE_MS } from "../limits.ts";
import { mask } from "../mask.ts";
import { type Trace, traceKey } from "../trace.ts";
import { refusal } from "./refusals.ts";

/** How far a call came; what fails before the interceptors see it is the caller's mistake. */
export type Arrival = { reached: boolean };

/** Reads a request in the terms of Connect; undefined when its address is not one. */
export function arrivalOf(
  request: IncomingMessage,
  response: ServerResponse,
  { client, trace }: { client: Client; trace: Trace },
): [request: UniversalServerRequest, arrival: Arrival] | undefined {
  if (urlOf(request) === undefined) return undefined;
  const arrival: Arrival = { reached: false };
  const contextValues = createContextValues()
    .set(clientKey, client)
    .set(traceKey, trace)
    .set(arrivalKey, arrival);
  const universal = universalRequestFromNodeRequest(request, response, undefined, contextValues);
  clampTimeouts(universal.header);
  // A handler that stops reading must not close the connection that its answer goes over.
  return [{ ...universal, body: request.iterator({ destroyOnReturn: false }) }, arrival];
}

/** The whole address that a request is for; undefined when there is no valid one. */
export function urlOf({
  url = "",
  headers: { host },
}: Pick<IncomingMessage, "url" | "headers">): string | undefined {
  return host ? URL.parse(url, `http://${host}`)?.href : undefined;
}

/** The first interceptor: what a stream can't read any more is the caller's mistake too (A8). */
export const noteArrival: Interceptor = (next) => (request) => {
  request.contextValues.get(arrivalKey).reached = true;
  return next(request.stream ? { ...request, message: readable(request.message) } : request);
};

async function* readable<T>(messages: AsyncIterable<T>): AsyncIterable<T> {
  try {
    yield* messages;
  } catch (reason) {
    throw mistake(ConnectError.from(reason));
  }
}

/** Says of an error that came up while a request was read what the caller did wrong. */
export function mistake(error: ConnectError): ConnectError {
  if (reasonOf(error) !== undefined) return error;
  // A cut may go through a character, and half of one can not be written.
  const problem = mask(error.rawMessage).slice(0, 500).toWellFormed();
  switch (error.code) {
    case Code.Internal: // Connect's word for bytes that are no message
    case Code.InvalidArgument:
      return refusal("MALFORMED_REQUEST", { problem });
    case Code.Unimplemented:
      return refusal("REQUEST_NOT_SUPPORTED", { problem });
    case Code.ResourceExhausted:
      return refusal("MESSAGE_TOO_LARGE", { problem });
    default:
      return error;
  }
}

const arrivalKey = createContextKey<Arrival>(
  { reached: false },
  { description: "how far it came" },
);

/** Shortens what Connect would refuse for its length; keeps 0 from meaning none (AD-11, G14). */
function clampTimeouts(headers: Headers): void {
  const plain = parseTimeout(headers.get(headerTimeout), MAX_DEADLINE_MS).timeoutMs;
  if (plain !== undefined) headers.set(headerTimeout, clamped(plain));
  const web = grpcWeb.parseTimeout(headers.get(grpcWeb.headerTimeout), MAX_DEADLINE_MS).timeoutMs;
  if (web !== undefined) headers.set(grpcWeb.headerTimeout, `${clamped(web)}m`);
}

/** How long a caller of Connect wants to wait, in milliseconds, shortened in the same way. */
export function askedTimeoutMs(headers: Headers): number | undefined {
  const { timeoutMs, error } = parseTimeout(headers.get(headerTimeout), MAX_DEADLINE_MS);
  if (timeoutMs === undefined && error !== undefined) throw error;
  return timeoutMs === undefined ? undefined : Number(clamped(timeoutMs));
}

function clamped(timeoutMs: number): string {
  return String(Math.ceil(Math.min(Math.max(timeoutMs, 1), MAX_DEADLINE_MS)));
}
