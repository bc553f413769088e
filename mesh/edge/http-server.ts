import { once } from "node:events";
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerOptions,
  type ServerResponse,
} from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { Duplex } from "node:stream";
import * as limits from "../limits.ts";
import { refuseRaw } from "./refusals.ts";

/** A port that speaks HTTP/1.1. */
export type HttpServer = AsyncDisposable & {
  readonly port: number;
  readonly server: Server;
  /** Takes no new connection, waits for what is under way, and closes what is left at the end. */
  readonly drain: (graceMs: number) => Promise<void>;
};

/** Answers a request; whoever it is has to end the response. */
export type HttpHandler = (request: IncomingMessage, response: ServerResponse) => void;

type Options = {
  readonly host: string;
  readonly port: number;
  readonly times?: Times;
  /** Takes over the connections of WebSocket clients; without it they are plain requests. */
  readonly upgrade?: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
};

/** How long a peer may take, in milliseconds. */
export type Times = Partial<Record<"headersMs" | "requestMs" | "idleMs" | "stallMs", number>>;

/** Listens, with a bound on all that a slow or hostile peer can hold (R4). */
export async function listenHttp(
  { host, port, times = {}, upgrade }: Options,
  handle: HttpHandler,
): Promise<HttpServer> {
  const server = createServer({
    ...serverOptions(times),
    shouldUpgradeCallback: ({ headers }) => upgrade !== undefined && isWebSocket(headers),
  });
  if (upgrade !== undefined) server.on("upgrade", upgrade);
  server.maxRequestsPerSocket = limits.MAX_REQUESTS_PER_SOCKET;
  server.maxConnections = limits.MAX_CONNECTIONS;
  const busy = new WeakSet<Socket>();
  server.setTimeout(times.stallMs ?? limits.HTTP_STALL_MS, (socket) => {
    // A quiet stream is fine; a peer that takes nothing of what is waiting for it is not.
    if (!busy.has(socket) || socket.writableLength > 0) socket.destroy();
  });
  server.on("clientError", refuseRaw);
  server.on("request", (request, response) => {
    busy.add(request.socket);
    response.once("close", () => busy.delete(request.socket));
    if (!server.listening) response.setHeader("connection", "close");
    handle(request, response);
  });
  server.listen(port, host);
  await once(server, "listening");
  const drain = (graceMs: number) => drained(server, graceMs);
  return {
    port: (server.address() as AddressInfo).port,
    server,
    drain,
    [Symbol.asyncDispose]: () => drain(0),
  };
}

function serverOptions(times: Times): ServerOptions {
  const requestTimeout = times.requestMs ?? limits.HTTP_REQUEST_MS;
  return {
    connectionsCheckingInterval: Math.min(1000, requestTimeout),
    // Beyond requestTimeout it would switch that off: Node 26 then waits for bodies for ever.
    headersTimeout: Math.min(times.headersMs ?? limits.HTTP_HEADERS_MS, requestTimeout),
    keepAlive: true, // a peer that vanished is noticed
    keepAliveTimeout: times.idleMs ?? limits.HTTP_IDLE_MS,
    maxHeaderSize: limits.MAX_HEADER_BYTES,
    noDelay: true,
    requestTimeout,
    requireHostHeader: false, // so that the refusal is ours
  };
}

function isWebSocket({ upgrade }: IncomingHttpHeaders): boolean {
  return upgrade?.toLowerCase() === "websocket";
}

async function drained(server: Server, graceMs: number): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, "close");
  server.close();
  const sweep = setInterval(() => server.closeIdleConnections(), limits.DRAIN_SWEEP_MS);
  const late = setTimeout(() => server.closeAllConnections(), graceMs);
  await closed;
  clearInterval(sweep);
  clearTimeout(late);
}
