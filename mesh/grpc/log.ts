import { setLogger } from "@grpc/grpc-js";
import type { Log } from "../log.ts";

/** Writes what grpc-js has to say about the whole process to a log, not to the console. */
export function logGrpcTo(log: Pick<Log, "debug" | "warn">): void {
  setLogger({
    error: (text: unknown) => log.warn({ detail: String(text) }, "grpc-js"),
    info: (text: unknown) => log.debug({ detail: String(text) }, "grpc-js"),
    debug: (text: unknown) => log.debug({ detail: String(text) }, "grpc-js"),
  });
}
