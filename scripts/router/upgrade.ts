import { type IncomingMessage, STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { answerRaw } from "#mesh/edge/refusals.ts";
import { failureOf, type Forwarder } from "./forward.ts";
import { endToEnd } from "./forwarded.ts";
import type { Route } from "./routes.ts";

/** Lets a WebSocket through: asks the service, then joins the two connections. */
export function joinWebSocket(
  { open }: Forwarder,
  [request, socket, head]: [IncomingMessage, Duplex, Buffer],
  route: Route,
): void {
  const sent = open(request, route, { connection: "Upgrade", upgrade: "websocket" });
  sent.on("error", (error) => answerRaw(socket, ...failureOf(error, route)));
  sent.on("response", (answer) => {
    // The service says no: the client gets its words, and no connection.
    socket.write(headOf(answer, { ...endToEnd(answer.headers), connection: "close" }));
    answer.pipe(socket);
  });
  sent.on("upgrade", (answer, peer, peerHead) => {
    const upgraded = { connection: "Upgrade", upgrade: "websocket" };
    socket.write(headOf(answer, { ...endToEnd(answer.headers), ...upgraded }));
    socket.write(peerHead);
    peer.write(head);
    join(socket as Socket, peer);
    join(peer, socket as Socket);
  });
  socket.on("error", () => sent.destroy());
  socket.once("close", () => sent.destroy());
  sent.end();
}

function headOf({ statusCode = 502 }: IncomingMessage, headers: object): string {
  const lines = Object.entries(headers).flatMap(([name, values]) =>
    [values].flat().map((value) => `${name}: ${String(value)}`),
  );
  const status = `HTTP/1.1 ${statusCode} ${STATUS_CODES[statusCode] ?? ""}`;
  return `${[status, ...lines].join("\r\n")}\r\n\r\n`;
}

/** What comes from one goes to the other, which ends with it. */
function join(from: Socket, to: Socket): void {
  from.setTimeout(0); // silence is fine here
  from.on("error", () => to.destroy());
  from.once("close", () => to.destroy());
  from.pipe(to);
}
