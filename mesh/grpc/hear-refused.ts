import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import type { Server } from "@grpc/grpc-js";
import { plainAddress } from "../network.ts";
import { eachHttp2Server } from "./http2-servers.ts";

/** A connection that TLS has refused, and why. */
export type RefusedConnection = {
  readonly ip: string;
  readonly reason: "NO_CERTIFICATE" | "BAD_CERTIFICATE" | "BAD_HANDSHAKE";
  /** What TLS says of it, such as "CERT_HAS_EXPIRED". */
  readonly detail: string;
};

/**
 * Tells of the connections that TLS refuses, of which no call comes (G23); not of those that the
 * other side has given up, such as the probe of a port. Call it before binding.
 */
export function hearRefused(server: Server, hear: (refused: RefusedConnection) => void): void {
  eachHttp2Server(server, (http2Server) => {
    const addresses = new WeakMap<object, string>(); // a closed socket knows its own no more
    http2Server.on("connection", (socket: Socket) => {
      addresses.set(socket, plainAddress(socket.remoteAddress ?? "") ?? "");
    });
    http2Server.on("tlsClientError", (error: NodeJS.ErrnoException, socket: TLSSocket) => {
      const detail = detailOf(error, socket);
      if (detail === undefined) return;
      const beneath = (socket as unknown as Record<string, object | undefined>)[parent];
      const ip = addresses.get(beneath ?? socket) ?? "";
      hear({ ip, reason: reasonOf(error, socket), detail });
    });
  });
}

/** Where Node keeps the connection beneath TLS, for itself. */
const parent = "_parent";

/** Why TLS has refused a connection; undefined when the other side has gone. */
function detailOf({ code = "" }: NodeJS.ErrnoException, socket: TLSSocket): string | undefined {
  // Node says null for nothing, and a code for a certificate; its types know of an Error alone.
  const authorization = socket.authorizationError as unknown;
  if (typeof authorization === "string") return authorization;
  return code.startsWith("ERR_SSL_") ? code : undefined;
}

function reasonOf(
  { code }: NodeJS.ErrnoException,
  { authorizationError }: TLSSocket,
): RefusedConnection["reason"] {
  if (code === "ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE") return "NO_CERTIFICATE";
  return authorizationError ? "BAD_CERTIFICATE" : "BAD_HANDSHAKE";
}
