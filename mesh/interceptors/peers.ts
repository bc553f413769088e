import type { Interceptor } from "@connectrpc/connect";
import { type Peer, peerKey } from "../grpc/peer.ts";
import { fail } from "../reasons.ts";

/** Which certificates are revoked, by their SHA-256 fingerprint (G20). */
export type Peers = { readonly isDenied?: (fingerprint: string) => boolean };

/**
 * Lets through the peers of the mesh that are wanted, by their certificate alone: for health and
 * reflection, which have no access rule. Throws NOT_ALLOWED for all others.
 */
export function peersOnly(peers: Peers, wanted: (service: string) => boolean): Interceptor {
  return (next) => async (request) => {
    const peer = request.contextValues.get(peerKey);
    const { service } = peer ?? {};
    if (peer === undefined || service === undefined || isDenied(peers, peer) || !wanted(service)) {
      throw fail("NOT_ALLOWED", { caller: service ?? "A caller without a name" });
    }
    return next(request);
  };
}

/** Whether the certificate of a peer is revoked. */
export function isDenied({ isDenied: ask }: Peers, { fingerprint }: Peer): boolean {
  return ask?.(fingerprint) ?? false;
}
