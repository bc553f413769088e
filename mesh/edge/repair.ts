import { Code, ConnectError } from "@connectrpc/connect";
import {
  encodeEnvelope,
  readAllBytes,
  type UniversalServerResponse,
} from "@connectrpc/connect/protocol";
import {
  codeToHttpStatus,
  errorFromJsonBytes,
  errorToJsonBytes,
} from "@connectrpc/connect/protocol-connect";
import { findTrailerError, setTrailerStatus } from "@connectrpc/connect/protocol-grpc";
import { trailerFlag, trailerParse, trailerSerialize } from "@connectrpc/connect/protocol-grpc-web";
import { reasonOf } from "../errors.ts";
import { type Arrival, mistake } from "./arrival.ts";
import { refusal } from "./refusals.ts";

/** An answer, and the error of one that failed before the interceptors could see it. */
export type Repaired = {
  readonly response: UniversalServerResponse;
  readonly error?: ConnectError;
};

/**
 * Gives the errors that Connect makes by itself a reason and an honest code: a request that can't
 * be read is the caller's mistake, not INTERNAL (A8, ER-2).
 */
export async function repaired(
  response: UniversalServerResponse,
  { reached }: Arrival,
): Promise<Repaired> {
  const type = response.header?.get("content-type") ?? "";
  const plain = !(response.header?.has("content-encoding") ?? false);
  if (response.status >= 400 && type === "application/json" && plain) {
    return repairedJson(response, reached);
  }
  if (!reached && type.startsWith("application/grpc-web")) return repairedWeb(response);
  return { response };
}

async function repairedJson(
  response: UniversalServerResponse,
  reached: boolean,
): Promise<Repaired> {
  const bytes = await bytesOf(response);
  const found = errorFromJsonBytes(bytes, undefined, new ConnectError("", Code.Internal));
  if (reached && (reasonOf(found) !== undefined || found.code !== Code.Internal)) {
    return { response: { ...response, body: once(bytes) } };
  }
  const error = reached ? refusal("INTERNAL") : mistake(found);
  const body = errorToJsonBytes(error, undefined);
  const header = new Headers(response.header);
  header.set("content-length", String(body.byteLength));
  const tooLarge = reasonOf(error) === "MESSAGE_TOO_LARGE";
  const status = tooLarge ? 413 : codeToHttpStatus(error.code);
  return { response: { ...response, status, header, body: once(body) }, error };
}

/** The status of gRPC-Web is the last part of the body; alone when nothing was answered. */
async function repairedWeb(response: UniversalServerResponse): Promise<Repaired> {
  const bytes = await bytesOf(response);
  if (bytes[0] !== trailerFlag) return { response: { ...response, body: once(bytes) } };
  const trailer = trailerParse(bytes.subarray(5));
  const found = findTrailerError(trailer);
  if (found === undefined) return { response: { ...response, body: once(bytes) } };
  const error = mistake(found);
  setTrailerStatus(trailer, error);
  const body = once(encodeEnvelope(trailerFlag, trailerSerialize(trailer)));
  return { response: { ...response, body }, error };
}

async function bytesOf({ body }: UniversalServerResponse): Promise<Uint8Array> {
  return body === undefined ? new Uint8Array() : readAllBytes(body, Infinity);
}

async function* once(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}
