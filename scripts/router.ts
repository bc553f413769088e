// The public face of `npm start`: one origin for the HTTP of all services. Traefik takes its place
// in a deployment.
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { ConnectError } from "@connectrpc/connect";
import { headersOf } from "#mesh/edge/headers.ts";
import { listenHttp, type Times } from "#mesh/edge/http-server.ts";
import { answerError, answerRaw, refusal } from "#mesh/edge/refusals.ts";
import { ROUTER_DRAIN_MS } from "#mesh/limits.ts";
import { createLog, levels } from "#mesh/log.ts";
import * as kinds from "#mesh/setting-kinds.ts";
import { readSettings, setting } from "#mesh/settings.ts";
import { CORRELATION_HEADER, receiveTrace, toTraceparent } from "#mesh/trace.ts";
import type { Patience } from "./router/connection.ts";
import { createForwarder } from "./router/forward.ts";
import { type Route, routeOf, routesTo } from "./router/routes.ts";
import { joinWebSocket } from "./router/upgrade.ts";

/** The open port of the router. */
export type Router = AsyncDisposable & {
  readonly port: number;
  /** Takes no new connection and gives the requests under way so long to end. */
  readonly drain: (graceMs: number) => Promise<void>;
};

export type RouterOptions = {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly routes: readonly Route[];
  readonly times?: Times;
  readonly patience?: Patience;
};

/** Sends requests to services by their path; streams, WebSockets and aborts pass both ways. */
export async function startRouter(options: RouterOptions): Promise<Router> {
  const forwarder = createForwarder(options.patience);
  const sockets = new Set<Duplex>();
  const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    const route = routeOf(options.routes, pathOf(request));
    if (route !== undefined) joinWebSocket([request, socket, head], route, options.patience);
    else answerRaw(socket, notFound(request));
  };
  const http = await listenHttp({ ...options, upgrade }, (request, response) => {
    const route = routeOf(options.routes, pathOf(request));
    const trace = receiveTrace(headersOf(request));
    request.headers["traceparent"] = toTraceparent(trace);
    const own = [CORRELATION_HEADER, trace.correlationId] as const;
    if (route !== undefined) return forwarder.forward({ request, response }, route, own);
    response.setHeader(...own);
    if (pathOf(request) === "/") welcome(response);
    else answerError(response, notFound(request));
  });
  const drain = async (graceMs: number) => {
    for (const socket of sockets) socket.destroy(); // they have no end of their own
    await http.drain(graceMs);
    forwarder[Symbol.dispose]();
  };
  return { port: http.port, drain, [Symbol.asyncDispose]: () => drain(0) };
}

/** Shows who opens the bare origin in a browser what there is. */
function welcome(response: ServerResponse): void {
  response.writeHead(302, { location: "/api/docs" }).end();
}

function pathOf({ url = "" }: IncomingMessage): string {
  return url.split("?", 1)[0] ?? "";
}

function notFound(request: IncomingMessage): ConnectError {
  return refusal("PATH_NOT_FOUND", { path: pathOf(request).slice(0, 200) });
}

/** Runs the router as a process until it is told to stop. */
async function main(): Promise<void> {
  const settings = readSettings(process.env, {
    host: setting(["HOST", "where HTTP listens"], kinds.ip, "127.0.0.1"),
    port: setting(["ROUTER_PORT", "the port of HTTP"], kinds.port),
    services: setting(["ROUTER_SERVICES", "the HTTP addresses of the services"], kinds.peers),
    logLevel: setting(["LOG_LEVEL", "the least that is logged"], kinds.oneOf(levels), "info"),
    parentPipe: setting(
      ["MIZAN_PARENT_PIPE", "whether the process ends with its standard input"],
      kinds.flag,
      false,
    ),
  });
  const log = createLog({ name: "router", level: settings.logLevel });
  const router = await startRouter({ ...settings, routes: routesTo(settings.services) });
  log.info({ host: settings.host, port: router.port }, "listening");
  let stopping: Promise<void> | undefined;
  const drain = async () => {
    await router.drain(ROUTER_DRAIN_MS);
    process.stdin.destroy(); // a pipe that is still open would keep the process
  };
  const stop = () => (stopping ??= drain());
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, stop);
  if (settings.parentPipe) process.stdin.once("end", stop).resume();
}

if (import.meta.main) await main();
