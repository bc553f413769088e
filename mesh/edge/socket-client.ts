import type { WebSocket } from "ws";
import { SOCKET_HELD_BYTES, SOCKET_STALL_MS } from "../limits.ts";

/** A client that has connected over WebSocket. */
export type SocketClient = {
  /** Its address, behind the proxies that are trusted. */
  readonly ip: string;
  /** Sends a text in UTF-8; many clients may share the bytes. Nothing leaves once it is closed. */
  readonly send: (text: Buffer) => void;
  /**
   * Waits until little waits to leave, so that who sends much keeps it where it is bounded (X5).
   * Throws the signal's reason; when the client goes away it ends, and one that takes nothing for
   * SOCKET_STALL_MS is gone.
   */
  readonly ready: (signal: AbortSignal) => Promise<void>;
  /** Says goodbye, with a code and a reason of the protocol (RFC 6455 §7.4). */
  readonly close: (code: number, reason: string) => void;
};

/** Makes a client of a connection. */
export function socketClient(socket: WebSocket, ip: string): SocketClient {
  let waiting = Promise.withResolvers<void>();
  let isWaited = false;
  const release = () => {
    if (!isWaited || socket.bufferedAmount >= SOCKET_HELD_BYTES) return;
    waiting.resolve();
    [waiting, isWaited] = [Promise.withResolvers<void>(), false];
  };
  socket.once("close", () => waiting.resolve());
  const isFull = () =>
    socket.readyState === socket.OPEN && socket.bufferedAmount >= SOCKET_HELD_BYTES;
  return {
    ip,
    send: (text) => {
      if (socket.readyState === socket.OPEN) socket.send(text, asText, release);
    },
    ready: async (signal) => {
      signal.throwIfAborted();
      if (!isFull()) return;
      isWaited = true;
      const { promise: aborted, resolve: abort } = Promise.withResolvers<void>();
      const stop = () => abort();
      signal.addEventListener("abort", stop, { once: true });
      const stalled = setTimeout(() => socket.terminate(), SOCKET_STALL_MS);
      await Promise.race([waiting.promise, aborted]);
      clearTimeout(stalled);
      signal.removeEventListener("abort", stop);
      signal.throwIfAborted();
    },
    close: (code, reason) => socket.close(code, reason),
  };
}

const asText = { binary: false };
