import { type ServerResponse, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { Code, type ConnectError } from "@connectrpc/connect";
import { codeToHttpStatus, errorToJsonBytes } from "@connectrpc/connect/protocol-connect";
import { reasons } from "../errors.ts";
import { MAX_HEADER_BYTES } from "../limits.ts";

/** Makes the errors of HTTP itself, which come before any method. */
export const refusal = reasons("edge", {
  BAD_URL: [Code.InvalidArgument, "The address or the header Host is not a valid one."],
  BAD_HTTP: [Code.InvalidArgument, "This is not valid HTTP."],
  PATH_NOT_FOUND: [Code.NotFound, "Nothing is served at {path}."],
  METHOD_NOT_FOUND: [Code.Unimplemented, "There is no method {path}."],
  VERB_NOT_ALLOWED: [Code.Unimplemented, "{verb} is not allowed here; use {allowed}."],
  WRONG_CONTENT_TYPE: [Code.InvalidArgument, "The content type must be {needed}."],
  JSON_NEEDED: [Code.InvalidArgument, "The content type must be application/json, in UTF-8."],
  INVALID_FIELDS: [Code.InvalidArgument, "These fields are not what they should be: {fields}."],
  HTTP2_NEEDED: [
    Code.Unimplemented,
    "A stream both ways is served over gRPC only, on the port of the service for it.",
  ],
  ORIGIN_NOT_ALLOWED: [Code.PermissionDenied, "Pages of this origin may not call."],
  MESSAGE_TOO_LARGE: [Code.ResourceExhausted, "The request is too large: {problem}"],
  HEADERS_TOO_LARGE: [Code.ResourceExhausted, "The headers have more than {limit_bytes} bytes."],
  REQUEST_TOO_SLOW: [Code.DeadlineExceeded, "The request did not arrive in time."],
  REQUEST_NOT_SUPPORTED: [Code.Unimplemented, "This is not supported: {problem}"],
  MALFORMED_REQUEST: [Code.InvalidArgument, "The request can't be read: {problem}"],
  SERVICE_AWAY: [Code.Unavailable, "The service {service} does not answer; try again."],
  SERVICE_TOO_SLOW: [Code.DeadlineExceeded, "The service {service} did not answer in time."],
  SERVICE_BROKE_OFF: [Code.Unavailable, "The service {service} broke the answer off."],
  INTERNAL: [Code.Internal, "internal error"],
});

/** Answers with an error, as Connect writes it, and returns it; its code names the status. */
export function answerError(
  response: ServerResponse,
  error: ConnectError,
  status: number = codeToHttpStatus(error.code),
): ConnectError {
  if (response.headersSent) {
    response.destroy(); // half an answer must not look like a whole one
    return error;
  }
  error.metadata.forEach((value, name) => response.setHeader(name, value));
  const body = errorToJsonBytes(error, undefined);
  response.writeHead(status, { ...errorHeaders, "content-length": body.byteLength });
  response.end(body);
  return error;
}

/** What is served at an address: with which verbs, and whether as a stream of messages. */
type Served = { readonly verbs: readonly string[]; readonly isStream?: boolean };

/** Answers where Connect has but a status: the wrong verb, content type or version of HTTP. */
export function answerStatus(
  response: ServerResponse,
  status: number,
  { verbs, isStream = false }: Served,
): ConnectError {
  const verb = response.req.method ?? "";
  const allowed = verbs.join(", ");
  if (status === 405) {
    response.setHeader("allow", allowed);
    return answerError(response, refusal("VERB_NOT_ALLOWED", { verb, allowed }), status);
  }
  if (status === 505) {
    response.setHeader("connection", "close"); // a duplex client would wait
    return answerError(response, refusal("HTTP2_NEEDED"), status);
  }
  if (verb !== "GET") {
    const needed = isStream ? types.stream : types.unary;
    return answerError(response, refusal("WRONG_CONTENT_TYPE", { needed }), status);
  }
  return answerError(response, refusal("MALFORMED_REQUEST", { problem: getForm }));
}

const types = {
  unary: "application/json, or another one of Connect or gRPC-Web",
  stream:
    "application/connect+json, with each message in an envelope, or another one of streams of " +
    "Connect or gRPC-Web; gRPC itself has a port of its own",
} as const;
const getForm = "a GET ends in ?encoding=json&message= and the request as JSON, URL-encoded";

/** Answers what Node could not read as HTTP. */
export function refuseRaw(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable || error.code === "ECONNRESET") socket.destroy();
  else if (error.code === "HPE_HEADER_OVERFLOW") {
    answerRaw(socket, refusal("HEADERS_TOO_LARGE", { limit_bytes: MAX_HEADER_BYTES }), 431);
  } else if (error.code === "ERR_HTTP_REQUEST_TIMEOUT") {
    answerRaw(socket, refusal("REQUEST_TOO_SLOW"), 408);
  } else answerRaw(socket, refusal("BAD_HTTP"));
}

/** Answers with an error where there is only a connection, and closes it. */
export function answerRaw(
  socket: Duplex,
  error: ConnectError,
  status: number = codeToHttpStatus(error.code),
): void {
  const body = errorToJsonBytes(error, undefined);
  const headers = { ...errorHeaders, connection: "close", "content-length": body.byteLength };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  const head = [`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? "Error"}`, ...lines];
  socket.write(`${head.join("\r\n")}\r\n\r\n`);
  socket.end(body, () => socket.destroy());
}

const errorHeaders = {
  "content-type": "application/json",
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
} as const;
