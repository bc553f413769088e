import { createContextKey } from "@connectrpc/connect";
import type { ServerUnaryCall } from "@grpc/grpc-js";
import { serviceName } from "../tls.ts";

/** Who is at the other end of a connection inside the mesh, by its certificate. */
export type Peer = {
  /** The one name in the certificate; undefined when it has none of ours (G22). */
  readonly service: string | undefined;
  /** The SHA-256 fingerprint of the certificate. */
  readonly fingerprint: string;
};

/** The peer of a call inside the mesh; undefined for a call from outside. */
export const peerKey = createContextKey<Peer | undefined>(undefined, {
  description: "the certificate of the caller",
});

/** Reads a certificate once for each connection; to read it for each call costs 80 µs (G25). */
export function peerOf(call: Pick<ServerUnaryCall<unknown, unknown>, "getAuthContext">): Peer {
  // AD-7 grpc-js keeps the connection to itself. Where it can't be found, the call is asked.
  const session = (call as { call?: { stream?: { session?: object } } }).call?.stream?.session;
  const known = session && peers.get(session);
  if (known !== undefined) return known;
  const { sslPeerCertificate: certificate } = call.getAuthContext();
  const fingerprint = certificate?.fingerprint256 ?? "";
  const peer = { service: serviceName(certificate), fingerprint };
  if (session !== undefined) peers.set(session, peer);
  return peer;
}

const peers = new WeakMap<object, Peer>();
