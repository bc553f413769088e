import assert from "node:assert/strict";
import type { IncomingHttpHeaders } from "node:http2";
import type { Server } from "@grpc/grpc-js";
import { MAX_TIMER_MS } from "../limits.ts";

/**
 * Shortens deadlines that grpc-js would read as past: from 597 hours on its count of milliseconds
 * turns negative (G14). It looks into grpc-js, whose version is pinned for that (AD-1).
 */
export function clampTimeouts(server: Server): void {
  const inside = server as unknown as Record<string, StreamHandler | undefined>;
  const handle = inside[name];
  assert(typeof handle === "function", "grpc-js has changed inside");
  inside[name] = (interceptors, stream, headers) => {
    const timeout = headers["grpc-timeout"];
    if (timeout !== undefined) headers["grpc-timeout"] = clamped(String(timeout));
    handle.call(server, interceptors, stream, headers);
  };
}

/** What grpc-js calls for every call, unless it counts them for channelz. */
const name = "_streamHandler";

type StreamHandler = (interceptors: unknown, stream: unknown, headers: IncomingHttpHeaders) => void;

function clamped(timeout: string): string {
  const [, amount = "", unit = ""] = /^(\d{1,8})([HMS])$/.exec(timeout) ?? [];
  const unitMs = { H: 3_600_000, M: 60_000, S: 1000 }[unit] ?? 0;
  const limitS = Math.floor(MAX_TIMER_MS / 1000);
  return Number(amount) * unitMs > MAX_TIMER_MS ? `${limitS}S` : timeout;
}
