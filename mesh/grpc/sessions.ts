import type { ServerHttp2Session } from "node:http2";
import type { Server } from "@grpc/grpc-js";
import { eachHttp2Server } from "./http2-servers.ts";

/** The connections of a gRPC server, those among them that have had their age. */
export type Sessions = {
  /** Cuts all that are open. */
  readonly destroy: () => void;
};

/** Keeps the connections of a server, since grpc-js forgets those that it has told to go. */
export function keepSessions(server: Server): Sessions {
  const open = new Set<ServerHttp2Session>();
  eachHttp2Server(server, (made) => {
    made.on("session", (session) => {
      open.add(session);
      session.once("close", () => open.delete(session));
    });
  });
  return {
    destroy: () => {
      for (const session of open) session.destroy();
    },
  };
}
