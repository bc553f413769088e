import assert from "node:assert/strict";
import type { Http2SecureServer } from "node:http2";
import type { Server } from "@grpc/grpc-js";

/**
 * Calls back with every HTTP/2 server that a gRPC server makes. It looks into grpc-js, which keeps
 * them to itself, and whose version is pinned for that (AD-1). Call it before binding.
 */
export function eachHttp2Server(server: Server, look: (made: Http2SecureServer) => void): void {
  const inside = server as unknown as Record<string, SetUp | undefined>;
  const setUp = inside[name];
  assert(typeof setUp === "function", "grpc-js has changed inside");
  inside[name] = (made, interceptors) => {
    setUp.call(server, made, interceptors);
    look(made);
  };
}

/** What grpc-js calls for every HTTP/2 server that it makes. */
const name = "_setupHandlers";

type SetUp = (made: Http2SecureServer, interceptors: unknown) => void;
