import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import { cors } from "@connectrpc/connect";
import { CORS_AGE_S } from "../limits.ts";
import { CORRELATION_HEADER } from "../trace.ts";
import { answerError, refusal } from "./refusals.ts";

/**
 * Lets pages of this origin and of those listed call, and no other (S16). Returns a function that
 * tells whether the request is answered already: refused, or a browser's question before a call.
 */
export function crossOrigin(
  allowed: readonly string[],
): (request: IncomingMessage, response: ServerResponse) => boolean {
  const listed = new Set(allowed);
  return (request, response) => {
    const { origin } = request.headers;
    response.setHeader("vary", "origin");
    if (!mayCall(request.headers, listed)) {
      answerError(response, refusal("ORIGIN_NOT_ALLOWED"));
      return true;
    }
    if (origin !== undefined && listed.has(origin)) allow(response, origin);
    if (request.method !== "OPTIONS") return false;
    response.writeHead(204, { allow: "GET, POST, OPTIONS" }).end();
    return true;
  };
}

/** Whether a request is of no page, of one of this origin, or of one of those listed (S16). */
export function mayCall(
  { origin, host }: IncomingHttpHeaders,
  listed: ReadonlySet<string>,
): boolean {
  return origin === undefined || listed.has(origin) || URL.parse(origin)?.host === host;
}

function allow(response: ServerResponse, origin: string): void {
  response.setHeader("access-control-allow-origin", origin);
  response.setHeader("access-control-allow-methods", cors.allowedMethods.join(", "));
  response.setHeader("access-control-allow-headers", requestHeaders);
  response.setHeader("access-control-expose-headers", responseHeaders);
  response.setHeader("access-control-max-age", CORS_AGE_S);
}

const requestHeaders = [
  ...cors.allowedHeaders,
  "authorization",
  "idempotency-key",
  "traceparent",
  CORRELATION_HEADER,
].join(", ");

const responseHeaders = [
  ...cors.exposedHeaders,
  "idempotent-replayed",
  "retry-after",
  CORRELATION_HEADER,
].join(", ");
