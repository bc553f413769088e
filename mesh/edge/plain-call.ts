import type { IncomingMessage, ServerResponse } from "node:http";
import {
  type DescMethod,
  type DescMethodUnary,
  fromJsonString,
  type Message,
} from "@bufbuild/protobuf";
import {
  Code,
  ConnectError,
  createContextValues,
  createServiceImplSpec,
  type HandlerContext,
  type MethodImplSpec,
} from "@connectrpc/connect";
import { clientKey } from "../client.ts";
import { deadlineKey, timeLeftMs } from "../deadline.ts";
import type { From } from "../edge.ts";
import { invokerOf } from "../grpc/invoke.ts";
import { MAX_MESSAGE_BYTES } from "../limits.ts";
import { traceKey } from "../trace.ts";
import { askedTimeoutMs, urlOf } from "./arrival.ts";
import { IncomingHeaders } from "./incoming-headers.ts";
import { isOpen, type MethodOptions } from "./methods.ts";
import { answerMessage, answerMistake } from "./plain-answer.ts";
import { readText } from "./read-text.ts";
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
      const path = `${service.typeName}/${spec.method.name}`;
      calls.set(`/${path}`, plainCall({ spec, path, running }, options));
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
    headers["grpc-timeout"] === undefined
  );
}

const plainType = /^application\/json(?:; ?charset=utf-8)?$/i;

type Method = {
  readonly spec: MethodImplSpec & { readonly kind: "unary" };
  /** Without the first slash. */
  readonly path: string;
  /** The calls under way, to be ended with the edge. */
  readonly running: Set<AbortController>;
};

function plainCall({ spec, path, running }: Method, options: MethodOptions): PlainCall {
  const { maxMessageBytes = MAX_MESSAGE_BYTES, interceptors, gate, ending } = options;
  const method = spec.method as DescMethodUnary;
  const invoke = invokerOf(spec, interceptors);
  return async (request, response, from) => {
    const origin = originOf(request.headers.host);
    if (origin === undefined) return answerError(response, refusal("BAD_URL"));
    const controller = new AbortController();
    const context = contextOf(method, origin + path, { request, signal: controller.signal, from });
    running.add(controller);
    if (ending.aborted) controller.abort(ending.reason);
    response.once("close", () => {
      running.delete(controller);
      if (!response.writableFinished) controller.abort();
    });
    let timer: NodeJS.Timeout | undefined;
    try {
      let message: Message;
      try {
        if (gate !== undefined) await gate(context);
        const timeoutMs = askedTimeoutMs(context.requestHeader);
        if (timeoutMs !== undefined) {
          context.values.set(deadlineKey, Date.now() + timeoutMs);
          timer = setTimeout(() => controller.abort(late()), timeoutMs);
        }
        message = parsed(method, await readText(request, maxMessageBytes));
      } catch (reason) {
        return answerMistake(response, context, reason);
      }
      await answerMessage(response, context, async () => invoke(context, message));
      return undefined;
    } finally {
      clearTimeout(timer);
    }
  };
}

/** The address of a host with its last slash; most requests name the same one as the last. */
function originOf(host: string | undefined): string | undefined {
  if (host !== known.host) known = { host, origin: urlOf({ url: "/", headers: { host } }) };
  return known.origin;
}

let known: { readonly host: string | undefined; readonly origin: string | undefined } = {
  host: undefined,
  origin: undefined,
};

function parsed({ input }: DescMethod, text: string): Message {
  try {
    return fromJsonString(input, text, { ignoreUnknownFields: false });
  } catch (reason) {
    throw ConnectError.from(reason, Code.InvalidArgument);
  }
}

function late(): ConnectError {
  return new ConnectError("the operation timed out", Code.DeadlineExceeded); // Connect's words
}

type Arrived = {
  readonly request: IncomingMessage;
  readonly signal: AbortSignal;
  readonly from: From;
};

function contextOf(
  method: DescMethodUnary,
  url: string,
  { request, signal, from }: Arrived,
): HandlerContext {
  const values = createContextValues().set(clientKey, from.client).set(traceKey, from.trace);
  return {
    service: method.parent,
    method,
    protocolName: "connect",
    requestMethod: "POST",
    url,
    requestHeader: new IncomingHeaders(request.headers),
    responseHeader: new Headers(),
    responseTrailer: new Headers(),
    signal,
    timeoutMs: () => timeLeftMs(values),
    values,
  };
}
