import type { IncomingMessage, ServerResponse } from "node:http";
import {
  type DescMethod,
  type DescMethodUnary,
  fromJsonString,
  type Message,
  toJsonString,
} from "@bufbuild/protobuf";
import {
  Code,
  ConnectError,
  createContextValues,
  createServiceImplSpec,
  type HandlerContext,
  type MethodImplSpec,
} from "@connectrpc/connect";
import { compressionGzip } from "@connectrpc/connect-node";
import { compressionNegotiate, mergeNonProtocolHeaders } from "@connectrpc/connect/protocol";
import { codeToHttpStatus, errorToJsonBytes } from "@connectrpc/connect/protocol-connect";
import { clientKey } from "../client.ts";
import { deadlineKey, timeLeftMs } from "../deadline.ts";
import type { From } from "../edge.ts";
import { reasonOf } from "../errors.ts";
import { invokerOf } from "../grpc/invoke.ts";
import { MAX_MESSAGE_BYTES } from "../limits.ts";
import { traceKey } from "../trace.ts";
import { askedTimeoutMs, mistake } from "./arrival.ts";
import { IncomingHeaders } from "./incoming-headers.ts";
import { isOpen, type MethodOptions } from "./methods.ts";
import { answerError, refusal } from "./refusals.ts";

/** Answers a plain call. Returns the error of one that failed before the interceptors. */
export type PlainCall = (
  request: IncomingMessage,
  response: ServerResponse,
  from: From,
) => Promise<ConnectError | undefined>;

/**
 * What most calls are: a unary method, JSON as it is, over HTTP/1.1. They are answered without the
 * streams, headers and signals that Connect makes for all that it knows, which cost more than the
 * rest of a call. All other calls are left to Connect; nobody can tell by the answer.
 */
export function plainCalls(options: MethodOptions): ReadonlyMap<string, PlainCall> {
  const calls = new Map<string, PlainCall>();
  const running = new Set<AbortController>();
  options.ending.addEventListener("abort", () => {
    for (const one of running) one.abort(options.ending.reason);
  });
  for (const { service, implementation } of options.contract) {
    const specs = Object.values(createServiceImplSpec(service, implementation).methods);
    for (const spec of specs) {
      if (spec.kind !== "unary" || !isOpen(spec.method)) continue;
      const path = `/${service.typeName}/${spec.method.name}`;
      calls.set(path, plainCall({ spec, path, running }, options));
    }
  }
  return calls;
}

/** Whether a request is a plain call of the method at its path. */
export function isPlain({ method, url, headers }: IncomingMessage, path: string): boolean {
  return (
    method === "POST" &&
    url === path &&
    plainType.test(headers["content-type"] ?? "") &&
    headers["content-encoding"] === undefined &&
    headers["grpc-timeout"] === undefined &&
    plainHost.test(headers.host ?? "")
  );
}

const plainType = /^application\/json(?:; ?charset=utf-8)?$/i;
const plainHost = /^[\w.-]{1,253}(?::\d{1,5})?$/;

type Method = {
  readonly spec: MethodImplSpec & { readonly kind: "unary" };
  readonly path: string;
  /** The calls under way, to be ended with the edge. */
  readonly running: Set<AbortController>;
};

function plainCall({ spec, path, running }: Method, options: MethodOptions): PlainCall {
  const { maxMessageBytes = MAX_MESSAGE_BYTES, interceptors, gate } = options;
  const method = spec.method as DescMethodUnary;
  const invoke = invokerOf(spec, interceptors);
  return async (request, response, from) => {
    const controller = new AbortController();
    const context = contextOf(method, path, { request, signal: controller.signal, from });
    running.add(controller);
    response.once("close", () => {
      running.delete(controller);
      if (!response.writableFinished) controller.abort(left);
    });
    let timer: NodeJS.Timeout | undefined;
    let message: Message;
    try {
      await gate?.(context);
      const timeoutMs = askedTimeoutMs(context.requestHeader);
      if (timeoutMs !== undefined) {
        context.values.set(deadlineKey, Date.now() + timeoutMs);
        timer = setTimeout(() => controller.abort(late), timeoutMs);
      }
      message = parsed(method, await readText(request, maxMessageBytes));
    } catch (reason) {
      clearTimeout(timer);
      return refused(response, reason);
    }
    await answered(context, response, async () => invoke(context, message));
    clearTimeout(timer);
    return undefined;
  };
}

/** Sends what a call answers, or how it failed; never rejects for what the call does. */
async function answered(
  context: HandlerContext,
  response: ServerResponse,
  call: () => Promise<Message>,
): Promise<void> {
  let [status, body] = [200, Buffer.alloc(0)];
  try {
    body = Buffer.from(toJsonString(context.method.output, await call()));
  } catch (reason) {
    const error = shown(reason);
    if (!error.isWireError) mergeNonProtocolHeaders(context.responseHeader, error.metadata);
    [status, body] = [
      codeToHttpStatus(error.code),
      Buffer.from(errorToJsonBytes(error, undefined)),
    ];
  }
  const accepted = context.requestHeader.get("accept-encoding");
  if (accepted !== null && body.byteLength >= COMPRESSED_BYTES) {
    const { response: chosen } = compressionNegotiate([compressionGzip], null, accepted, "");
    if (chosen !== null) {
      body = Buffer.from(await chosen.compress(body));
      context.responseHeader.set("content-encoding", chosen.name);
    }
  }
  if (response.headersSent || response.destroyed) return;
  const { responseHeader, responseTrailer } = context;
  for (const name of responseHeader.keys()) {
    const isCookie = name === "set-cookie";
    response.setHeader(name, isCookie ? responseHeader.getSetCookie() : responseHeader.get(name)!);
  }
  for (const [name, value] of responseTrailer) response.setHeader(`trailer-${name}`, value);
  const type = "application/json";
  response.writeHead(status, { "content-type": type, "content-length": body.byteLength });
  response.end(body);
}

/** From which length on an answer is compressed for those who can read that: Connect's own. */
const COMPRESSED_BYTES = 1024;

/** What is told of an error: nothing of one that nobody meant to throw (ER-4). */
function shown(reason: unknown): ConnectError {
  if (!(reason instanceof ConnectError)) return refusal("INTERNAL");
  const isMeant = reasonOf(reason) !== undefined || reason.code !== Code.Internal;
  return isMeant ? reason : refusal("INTERNAL");
}

/** Answers what failed before the interceptors, which is the caller's mistake. */
function refused(response: ServerResponse, reason: unknown): ConnectError | undefined {
  if (!(reason instanceof ConnectError)) throw reason;
  if (response.destroyed) return undefined;
  const error = mistake(reason);
  const isLarge = reasonOf(error) === "MESSAGE_TOO_LARGE";
  return answerError(response, error, isLarge ? 413 : undefined);
}

function parsed({ input }: DescMethod, text: string): Message {
  try {
    return fromJsonString(input, text, { ignoreUnknownFields: false });
  } catch (reason) {
    throw ConnectError.from(reason, Code.InvalidArgument);
  }
}

/** Reads a body; what still comes of one that is too large is dropped. */
async function readText(request: IncomingMessage, maxBytes: number): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const chunks: Buffer[] = [];
  let bytes = 0;
  request.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= maxBytes) chunks.push(chunk);
    else reject(refusal("MESSAGE_TOO_LARGE", { problem: `more than ${maxBytes} bytes` }));
  });
  request.once("end", () => {
    resolve(decoder.decode(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)));
  });
  request.once("error", () => reject(left));
  return promise;
}

const decoder = new TextDecoder();

// Shared, since an error made each time costs a stack.
const left = new ConnectError("the caller has left", Code.Canceled);
const late = new ConnectError("the deadline has passed", Code.DeadlineExceeded);

type Arrived = {
  readonly request: IncomingMessage;
  readonly signal: AbortSignal;
  readonly from: From;
};

function contextOf(
  method: DescMethodUnary,
  path: string,
  { request, signal, from }: Arrived,
): HandlerContext {
  const values = createContextValues().set(clientKey, from.client).set(traceKey, from.trace);
  return {
    service: method.parent,
    method,
    protocolName: "connect",
    requestMethod: "POST",
    url: `http://${request.headers.host}${path}`,
    requestHeader: new IncomingHeaders(request.headers),
    responseHeader: new Headers(),
    responseTrailer: new Headers(),
    signal,
    timeoutMs: () => timeLeftMs(values),
    values,
  };
}
