import { type ClientRequest, type IncomingMessage, request as send, STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { answerRaw } from "#mesh/edge/refusals.ts";
import * as limits from "#mesh/limits.ts";
import type { Patience } from "./connection.ts";
import { endpointOf } from "./connections.ts";
import { type Failure, tell } from "./failures.ts";
import { endToEnd, type HeaderList, requestHeaders } from "./forwarded.ts";
import type { Route } from "./routes.ts";

/** Lets a WebSocket through: asks the service, then joins the two connections. */
export function joinWebSocket(
  [request, socket, head]: [IncomingMessage, Duplex, Buffer],
  route: Route,
  patience: Patience = {},
): void {
  const { method, url: path } = request;
  const headers = [...requestHeaders(request, route.address), ...upgraded];
  const sent = send({ ...endpointOf(route.address), agent: false, method, path, headers });
  const failed = limit(sent, patience);
  sent.on("error", (error) => answerRaw(socket, ...tell(failed(error), route.service)));
  sent.on("response", (answer) => {
    // The service says no: the client gets its words, and no connection.
    socket.write(headOf(answer, ["connection", "close"]));
    answer.pipe(socket);
  });
  sent.on("upgrade", (answer, peer, peerHead) => {
    socket.write(headOf(answer, upgraded));
    socket.write(peerHead);
    peer.write(head);
    join(socket as Socket, peer);
    join(peer, socket as Socket);
  });
  socket.on("error", () => sent.destroy());
  socket.once("close", () => sent.destroy());
  sent.end();
}

const upgraded = ["connection", "Upgrade", "upgrade", "websocket"];

/**
 * Gives up on a service that does not take the connection, or says nothing once it was asked.
 * Returns what tells how it failed.
 */
function limit(sent: ClientRequest, patience: Patience): (error: Error) => Failure {
  const { connectMs = limits.ROUTER_CONNECT_MS, answerMs = limits.ROUTER_ANSWER_MS } = patience;
  let late: Failure | undefined;
  const giveUp = (failure: Failure) => {
    late = failure;
    sent.destroy(new Error(failure));
  };
  let timer = setTimeout(giveUp, connectMs, "SERVICE_AWAY");
  const done = () => clearTimeout(timer);
  sent.once("socket", (socket) => void socket.once("connect", done));
  sent.once("finish", () => {
    done();
    timer = setTimeout(giveUp, answerMs, "SERVICE_TOO_SLOW");
  });
  for (const event of ["response", "upgrade", "close"]) sent.once(event, done);
  return (error) => late ?? (isBrokenOff(error) ? "SERVICE_BROKE_OFF" : "SERVICE_AWAY");
}

function isBrokenOff(error: Error): boolean {
  const code = "code" in error ? String(error.code) : "";
  return code === "ECONNRESET" || code.startsWith("HPE_");
}

function headOf(
  { statusCode = 502, rawHeaders, headers }: IncomingMessage,
  own: HeaderList,
): string {
  const names = rawHeaders.map((text, at) => (at % 2 === 0 ? text.toLowerCase() : text));
  const all = [...endToEnd(names, headers.connection), ...own];
  let head = `HTTP/1.1 ${statusCode} ${STATUS_CODES[statusCode] ?? ""}\r\n`;
  for (let at = 0; at < all.length; at += 2) head += `${all[at]}: ${all[at + 1]}\r\n`;
  return `${head}\r\n`;
}

/** What comes from one goes to the other, which ends with it. */
function join(from: Socket, to: Socket): void {
  from.setTimeout(0); // silence is fine here
  from.on("error", () => to.destroy());
  from.once("close", () => to.destroy());
  from.pipe(to);
}
