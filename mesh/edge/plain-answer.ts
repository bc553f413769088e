import type { ServerResponse } from "node:http";
import { type Message, toJsonString } from "@bufbuild/protobuf";
import { Code, ConnectError, type HandlerContext } from "@connectrpc/connect";
import { compressionGzip } from "@connectrpc/connect-node";
import { compressionNegotiate, mergeNonProtocolHeaders } from "@connectrpc/connect/protocol";
import { codeToHttpStatus, errorToJsonBytes } from "@connectrpc/connect/protocol-connect";
import { reasonOf } from "../errors.ts";
import { mistake } from "./arrival.ts";
import { refusal } from "./refusals.ts";

/**
 * Sends what a call answers, or how it failed. Rejects when that can't be written, as Connect does.
 */
export async function answerMessage(
  response: ServerResponse,
  context: HandlerContext,
  call: () => Promise<Message>,
): Promise<void> {
  let body: Buffer;
  try {
    body = Buffer.from(toJsonString(context.method.output, await call()));
  } catch (reason) {
    const error = connectError(reason);
    passMetadata(error, context);
    return answerFailure(response, context, shown(error));
  }
  const { requestHeader, responseHeader } = context;
  const accepted = requestHeader.get("accept-encoding");
  if (accepted !== null && body.byteLength >= COMPRESSED_BYTES) {
    const { response: chosen } = compressionNegotiate([compressionGzip], null, accepted, "");
    if (chosen !== null) {
      body = Buffer.from(await chosen.compress(body));
      responseHeader.set("content-encoding", chosen.name);
    }
  }
  return send(response, context, { status: 200, body });
}

/** From which length on an answer is compressed for those who can read that: Connect's own. */
const COMPRESSED_BYTES = 1024;

/** Answers what failed before the interceptors, which is the caller's mistake; returns that. */
export function answerMistake(
  response: ServerResponse,
  context: HandlerContext,
  reason: unknown,
): ConnectError {
  const found = connectError(reason);
  passMetadata(found, context);
  const error = mistake(found);
  const isLarge = reasonOf(error) === "MESSAGE_TOO_LARGE";
  answerFailure(response, context, error, isLarge ? 413 : undefined);
  return error;
}

/** What Connect makes of whatever is thrown. */
function connectError(reason: unknown): ConnectError {
  return reason instanceof ConnectError
    ? reason
    : new ConnectError("internal error", Code.Internal);
}

/** The headers of an error go to the caller, but for those that another service sent us. */
function passMetadata({ isWireError, metadata }: ConnectError, { responseHeader }: HandlerContext) {
  if (!isWireError) mergeNonProtocolHeaders(responseHeader, metadata);
}

/** What is told of an error: nothing of one that nobody meant to throw (ER-4). */
function shown(error: ConnectError): ConnectError {
  const isMeant = reasonOf(error) !== undefined || error.code !== Code.Internal;
  return isMeant ? error : refusal("INTERNAL");
}

function answerFailure(
  response: ServerResponse,
  context: HandlerContext,
  error: ConnectError,
  status = codeToHttpStatus(error.code),
): void {
  context.responseHeader.delete("content-type"); // that of the answer that there was to be
  send(response, context, { status, body: errorToJsonBytes(error, undefined) });
}

type Answer = { readonly status: number; readonly body: Uint8Array };

function send(
  response: ServerResponse,
  { responseHeader, responseTrailer }: HandlerContext,
  { status, body }: Answer,
): void {
  if (response.destroyed) return;
  for (const [name, value] of responseTrailer) responseHeader.append(`trailer-${name}`, value);
  response.setHeaders(responseHeader);
  const type = responseHeader.get("content-type") ?? "application/json";
  response.writeHead(status, { "content-type": type, "content-length": body.byteLength });
  response.end(body);
}
