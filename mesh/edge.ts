import type { IncomingMessage, ServerResponse } from "node:http";
import type { UniversalHandler } from "@connectrpc/connect/protocol";
import type { CallListener } from "./call-record.ts";
import type { Client } from "./client.ts";
import { clientOf } from "./edge/address.ts";
import { caller } from "./edge/call.ts";
import { closedMethods } from "./edge/closed-methods.ts";
import { crossOrigin } from "./edge/cors.ts";
import { headersOf } from "./edge/headers.ts";
import { listenHttp, type Times } from "./edge/http-server.ts";
import { type MethodOptions, methodsOf } from "./edge/methods.ts";
import { type PlainCall, plainCalls } from "./edge/plain-call.ts";
import { answerError, refusal } from "./edge/refusals.ts";
import { serveSockets, type SocketEndpoint, type SocketOptions } from "./edge/sockets.ts";
import { DRAIN_LAST_MS } from "./limits.ts";
import type { Log } from "./log.ts";
import { fail } from "./reasons.ts";
import type { Telemetry } from "./telemetry.ts";
import { CORRELATION_HEADER, receiveTrace, type Trace, withTrace } from "./trace.ts";

/** The public wire of a service: Connect and gRPC-Web over HTTP/1.1, and plain pages. */
export type Edge = AsyncDisposable & {
  readonly port: number;
  /** Takes no new call, ends the streams, and gives the rest so long to end (§4.4). */
  readonly drain: (graceMs: number) => Promise<void>;
};

/** Answers what is no call; tells whether it did. The path is without its question. */
export type Page = (
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
  from: From,
) => boolean;

/** Where a request comes from, and what it is a part of. */
export type From = { readonly client: Client; readonly trace: Trace };

export type EdgeOptions = Omit<MethodOptions, "draining" | "ending"> & {
  readonly host: string;
  readonly port: number;
  readonly log: Log;
  readonly telemetry: Telemetry;
  /** Is told of calls that are refused before the interceptors see them. */
  readonly calls?: CallListener | undefined;
  /** Addresses and ranges of the proxies whose X-Forwarded-For counts. */
  readonly trustedProxies: readonly string[];
  /** The origins, besides its own, whose pages may call (S16). */
  readonly allowedOrigins: readonly string[];
  readonly pages?: readonly Page[];
  /** What is served over WebSocket. */
  readonly sockets?: readonly SocketEndpoint[];
  /** How many WebSockets there may be, if not as many as usual. */
  readonly maxSockets?: SocketOptions["most"];
  readonly times?: Times;
};

/** Serves the methods of a contract to the outside; those for services alone are closed there. */
export async function startEdge(options: EdgeOptions): Promise<Edge> {
  const [draining, ending] = [new AbortController(), new AbortController()];
  const signals = { draining: draining.signal, ending: ending.signal };
  const served = { ...options, ...signals };
  const answer = answerer(options, methodsOf(served), plainCalls(served));
  const sockets = socketsOf(options);
  const http = await listenHttp({ ...options, ...sockets }, answer);
  const drain = async (graceMs: number) => {
    const away = fail("SHUTTING_DOWN", { resource: "the service" });
    draining.abort(away);
    sockets?.drain();
    const late = setTimeout(() => ending.abort(away), graceMs);
    await http.drain(graceMs + DRAIN_LAST_MS);
    clearTimeout(late);
  };
  return { port: http.port, drain, [Symbol.asyncDispose]: () => drain(0) };
}

/** Without endpoints a request for a WebSocket is a plain one, for a path where nothing is. */
function socketsOf({ sockets: endpoints = [], maxSockets: most, ...options }: EdgeOptions) {
  if (endpoints.length === 0) return undefined;
  const { telemetry: metrics, trustedProxies } = options;
  const own = { endpoints, metrics, addressOf: clientOf(trustedProxies), ...(most && { most }) };
  return serveSockets({ ...options, ...own });
}

/** Answers requests: of other origins, for methods, for pages, for nothing that there is. */
function answerer(
  options: EdgeOptions,
  methods: ReadonlyMap<string, UniversalHandler>,
  plain: ReadonlyMap<string, PlainCall>,
) {
  const addressOf = clientOf(options.trustedProxies);
  const isSettled = crossOrigin(options.allowedOrigins);
  const call = caller(options, plain);
  const pages = [closedMethods(options), ...(options.pages ?? [])];
  return (request: IncomingMessage, response: ServerResponse) => {
    const trace = receiveTrace(headersOf(request));
    response.setHeader(CORRELATION_HEADER, trace.correlationId);
    response.setHeader("x-content-type-options", "nosniff");
    if (isSettled(request, response)) return;
    const [path = ""] = (request.url ?? "").split("?", 1);
    const from = { client: addressOf(request), trace };
    const method = methods.get(path);
    if (method !== undefined) {
      void withTrace(trace, () => call(method, request, response, from));
    } else if (!pages.some((page) => page(request, response, path, from))) {
      const missing = path.startsWith("/mizan.") ? "METHOD_NOT_FOUND" : "PATH_NOT_FOUND";
      answerError(response, refusal(missing, { path: path.slice(0, 200) }), 404);
    }
  };
}
