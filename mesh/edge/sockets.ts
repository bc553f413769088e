import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type RawData, type WebSocket, WebSocketServer } from "ws";
import type { Client } from "../client.ts";
import { retryLater } from "../errors.ts";
import * as limits from "../limits.ts";
import type { Log } from "../log.ts";
import type { Metrics } from "../metrics.ts";
import { networkOf } from "../network.ts";
import { rateOf } from "../rate.ts";
import { fail } from "../reasons.ts";
import { mayCall } from "./cors.ts";
import { answerRaw, refusal } from "./refusals.ts";
import { type SocketClient, socketClient } from "./socket-client.ts";

/** What is served over WebSocket at one path of the public HTTP. */
export type SocketEndpoint = {
  readonly path: string;
  /** Begins with a client; what it returns hears the client. */
  readonly open: (client: SocketClient) => SocketListener;
};

/** Hears a client. */
export type SocketListener = {
  /** Takes a text of at most MAX_SOCKET_MESSAGE_BYTES. */
  readonly message: (text: string) => void;
  /** The client is gone, whoever has said goodbye; it is said once. */
  readonly closed: () => void;
};

export type SocketOptions = {
  readonly endpoints: readonly SocketEndpoint[];
  /** The origins, besides its own, whose pages may connect (S16). */
  readonly allowedOrigins: readonly string[];
  readonly addressOf: (request: IncomingMessage) => Client;
  readonly log: Log;
  readonly metrics: Metrics;
  /** How many there may be at a time, if not MAX_SOCKETS. */
  readonly most?: { readonly all: number; readonly ofNetwork: number };
};

/** The WebSockets of a port. */
export type Sockets = {
  readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
  /** Says goodbye to all, who have to go within SOCKET_CLOSE_MS; takes nobody any more. */
  readonly drain: () => void;
};

/**
 * Serves WebSockets, with a bound on all that a slow or hostile client can hold (R3, X5): how many
 * there are, what they send and how often, and for how long they may be silent.
 */
export function serveSockets(options: SocketOptions): Sockets {
  const { endpoints, allowedOrigins, addressOf, metrics, most = limits.MAX_SOCKETS } = options;
  const server = new WebSocketServer(serverOptions);
  const byPath = new Map(endpoints.map((endpoint) => [endpoint.path, endpoint]));
  const listed = new Set(allowedOrigins);
  const networks = new Map<string, number>();
  let isDraining = false;
  metrics.watch("mizan_sockets_open", "WebSockets that are open.", () => server.clients.size);
  server.on("wsClientError", ({ message: problem }, socket) =>
    answerRaw(socket, refusal("MALFORMED_REQUEST", { problem })),
  );
  const refusalOf = (request: IncomingMessage, path: string, ofNetwork: number) => {
    if (!mayCall(request.headers, listed)) return refusal("ORIGIN_NOT_ALLOWED");
    if (!byPath.has(path)) return refusal("PATH_NOT_FOUND", { path: path.slice(0, 200) });
    if (isDraining) return fail("SHUTTING_DOWN", { resource: "the service" });
    if (server.clients.size >= most.all || ofNetwork >= most.ofNetwork) return overloaded();
    return undefined;
  };
  const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on("error", () => socket.destroy());
    const [path = ""] = (request.url ?? "").split("?", 1);
    const { ip } = addressOf(request);
    const network = networkOf(ip);
    const refused = refusalOf(request, path, networks.get(network) ?? 0);
    if (refused !== undefined) return answerRaw(socket, refused);
    return server.handleUpgrade(request, socket, head, (connected) => {
      networks.set(network, (networks.get(network) ?? 0) + 1);
      connected.once("close", () => leave(networks, network));
      hear(connected, byPath.get(path)!, { ip, ...options });
    });
  };
  const signs = setInterval(() => server.clients.forEach(askForSign), limits.SOCKET_SIGN_MS);
  signs.unref();
  const drain = () => {
    isDraining = true;
    clearInterval(signs);
    for (const client of server.clients) client.close(GOING_AWAY, "SHUTTING_DOWN");
  };
  return { upgrade, drain };
}

/** Hands what a client sends to the listener, as long as it keeps to the bounds. */
function hear(
  socket: WebSocket,
  endpoint: SocketEndpoint,
  { ip, log, metrics }: Pick<SocketOptions, "log" | "metrics"> & { readonly ip: string },
): void {
  const waitMs = rateOf(limits.SOCKET_RATE, 1);
  const isTooMuch = () => {
    silent.delete(socket);
    if (waitMs("") === 0) return false;
    socket.close(POLICY, "RATE_LIMITED");
    return true;
  };
  const listener = endpoint.open(socketClient(socket, ip));
  socket.on("error", () => {}); // what breaks the protocol closes the connection with its code
  for (const sign of ["ping", "pong"]) socket.on(sign, isTooMuch);
  socket.on("message", (data: RawData, isBinary: boolean) => {
    if (socket.readyState !== socket.OPEN || isTooMuch()) return;
    if (isBinary) return socket.close(NOT_TEXT, "TEXT_NEEDED");
    try {
      listener.message((data as Buffer).toString());
    } catch (error) {
      log.error({ err: error, path: endpoint.path }, "a message of a WebSocket failed");
      socket.close(INTERNAL, "INTERNAL");
    }
  });
  const closed = metrics.counter("mizan_sockets_closed_total", "WebSockets that ended, by code.");
  socket.once("close", (code) => {
    closed.add({ code: String(code) });
    listener.closed();
  });
}

/** Asks who was silent since the last time for a sign; who was asked then and said nothing is gone. */
function askForSign(socket: WebSocket): void {
  if (silent.has(socket)) return socket.terminate();
  silent.add(socket);
  return socket.ping();
}

const silent = new WeakSet<WebSocket>();

function leave(networks: Map<string, number>, network: string): void {
  const left = networks.get(network)! - 1;
  if (left === 0) networks.delete(network);
  else networks.set(network, left);
}

function overloaded() {
  const retryMs = limits.OVERLOAD_RETRY_MS;
  const values = { resource: "the number of WebSockets", retry_ms: retryMs };
  return retryLater(fail("OVERLOADED", values), retryMs);
}

/** Without compression, which would cost each client hundreds of kilobytes. */
const serverOptions = {
  noServer: true,
  maxPayload: limits.MAX_SOCKET_MESSAGE_BYTES,
  maxFragments: limits.MAX_SOCKET_FRAGMENTS,
  closeTimeout: limits.SOCKET_CLOSE_MS,
  perMessageDeflate: false,
};

const [GOING_AWAY, NOT_TEXT, POLICY, INTERNAL] = [1001, 1003, 1008, 1011];
