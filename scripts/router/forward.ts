import {
  Agent,
  type ClientRequest,
  type IncomingMessage,
  request as send,
  type ServerResponse,
} from "node:http";
import { ConnectError } from "@connectrpc/connect";
import { codeToHttpStatus } from "@connectrpc/connect/protocol-connect";
import { answerError, refusal } from "#mesh/edge/refusals.ts";
import * as limits from "#mesh/limits.ts";
import { endToEnd, requestHeaders } from "./forwarded.ts";
import type { Route } from "./routes.ts";

/** How long a service may take to connect and to begin its answer, in milliseconds. */
export type Patience = { readonly connectMs?: number; readonly answerMs?: number };

/** Sends requests on to services, over connections that it keeps. */
export type Forwarder = Disposable & {
  readonly forward: (request: IncomingMessage, response: ServerResponse, route: Route) => void;
  /** Opens a request to a service, such as that of a WebSocket; the caller ends it. */
  readonly open: (
    request: IncomingMessage,
    route: Route,
    headers: Record<string, string>,
  ) => ClientRequest;
};

/** Makes what sends requests on; both ways flow as they come, and an end on one side ends both. */
export function createForwarder(patience: Patience = {}): Forwarder {
  const agent = new Agent({
    keepAlive: true,
    maxFreeSockets: limits.ROUTER_FREE_SOCKETS,
    // Less than a service keeps them, so that it never closes one that is about to be used.
    timeout: limits.ROUTER_IDLE_MS,
  });
  const open: Forwarder["open"] = (request, route, headers) => {
    const { hostname, port } = new URL(`http://${route.address}`);
    const host = hostname.replace(/^\[(.*)\]$/, "$1");
    const { method, url: path } = request;
    const sent = send({ agent, host, port, method, path });
    for (const [name, value] of Object.entries({ ...requestHeaders(request), ...headers })) {
      sent.setHeader(name, value);
    }
    limit(sent, route, patience);
    return sent;
  };
  const forward: Forwarder["forward"] = (request, response, route) => {
    const sent = open(request, route, {});
    sent.on("error", (error) => {
      request.unpipe(sent);
      answerError(response, ...failureOf(error, route));
    });
    sent.on("response", (answer) => passBack(answer, response));
    response.once("close", () => {
      // The caller left, or has its answer while the service still reads the request.
      if (!response.writableFinished || !sent.writableFinished) sent.destroy();
    });
    request.pipe(sent);
  };
  return { forward, open, [Symbol.dispose]: () => agent.destroy() };
}

/** Gives up on a service that does not take the connection, or says nothing once it was asked. */
function limit(sent: ClientRequest, { service }: Route, patience: Patience): void {
  const { connectMs = limits.ROUTER_CONNECT_MS, answerMs = limits.ROUTER_ANSWER_MS } = patience;
  const away = () => sent.destroy(refusal("SERVICE_AWAY", { service }));
  const slow = () => sent.destroy(refusal("SERVICE_TOO_SLOW", { service }));
  let timer = setTimeout(away, connectMs);
  const done = () => clearTimeout(timer);
  sent.once("socket", (socket) => {
    if (socket.connecting) socket.once("connect", done);
    else done();
  });
  sent.once("finish", () => {
    done();
    timer = setTimeout(slow, answerMs);
  });
  for (const event of ["response", "upgrade", "close"]) sent.once(event, done);
}

/** What a caller is told when a service could not answer, with the status. */
export function failureOf(error: Error, { service }: Route): [ConnectError, status: number] {
  if (error instanceof ConnectError) return [error, codeToHttpStatus(error.code)];
  const code = "code" in error ? String(error.code) : "";
  return code === "ECONNRESET" || code.startsWith("HPE_")
    ? [refusal("SERVICE_BROKE_OFF", { service }), 502]
    : [refusal("SERVICE_AWAY", { service }), 503];
}

function passBack(answer: IncomingMessage, response: ServerResponse): void {
  response.writeHead(answer.statusCode ?? 502, endToEnd(answer.headers));
  // A stream's header must not wait for its first message.
  if (answer.headers["content-length"] === undefined) response.flushHeaders();
  answer.once("close", () => {
    if (!answer.complete) response.destroy();
  });
  answer.on("error", () => response.destroy());
  answer.pipe(response);
}
