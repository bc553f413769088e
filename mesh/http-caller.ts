import { Agent as PlainAgent, type IncomingMessage, request as plainRequest } from "node:http";
import { Agent as SecureAgent, request as secureRequest } from "node:https";
import { PROVIDER_ANSWER_BYTES, PROVIDER_CONNECTIONS, PROVIDER_IDLE_MS } from "./limits.ts";

/**
 * How a call ended. NOT_SENT: surely no byte of it left, since there was never a connection. LOST:
 * it may have arrived, whatever came back was not a whole answer in time (FO-1).
 */
export type Answer =
  | { readonly kind: "ANSWERED"; readonly status: number; readonly body: string }
  | { readonly kind: "NOT_SENT" | "LOST"; readonly code: string };

/** Makes a call below the base; never throws for what the network does. */
export type HttpCaller = (
  call: { readonly path: string; readonly body?: string },
  signal: AbortSignal,
) => Promise<Answer>;

export type HttpCallerOptions = {
  readonly baseUrl: string;
  readonly authorization: string;
  readonly timeoutMs: number;
};

/** Calls one provider over connections that are kept; redirects are not followed. */
export function createHttpCaller(options: HttpCallerOptions): HttpCaller {
  const { protocol, hostname, port, pathname } = new URL(options.baseUrl);
  const isSecure = protocol === "https:";
  const kept = { keepAlive: true, maxSockets: PROVIDER_CONNECTIONS, timeout: PROVIDER_IDLE_MS };
  const agent = isSecure ? new SecureAgent(kept) : new PlainAgent(kept);
  const send = isSecure ? secureRequest : plainRequest;
  const base = pathname.replace(/\/$/, "");
  const fixed = { agent, hostname: hostname.replace(/^\[|\]$/g, ""), ...(port !== "" && { port }) };
  // Each connection until it is open. A call that was given up may leave one to the next call.
  const opening = new WeakSet<object>();
  const connect = agent.createConnection.bind(agent);
  agent.createConnection = (...target) => {
    const socket = connect(...target);
    if (socket) opening.add(socket);
    return socket?.once(isSecure ? "secureConnect" : "connect", () => opening.delete(socket));
  };
  return async ({ path, body }, signal) => {
    const headers = {
      accept: "application/json",
      authorization: options.authorization,
      ...(body !== undefined && {
        "content-type": "application/json",
        "content-length": Buffer.byteLength(body),
      }),
    };
    const method = body === undefined ? "GET" : "POST";
    const request = send({ ...fixed, method, headers, path: `${base}/${path}`, signal });
    const late = setTimeout(() => request.destroy(failure("TIMEOUT")), options.timeoutMs);
    try {
      const answered = new Promise<IncomingMessage>((resolve, reject) => {
        request.once("response", resolve).on("error", reject);
      });
      request.end(body);
      return await read(await answered);
    } catch (error) {
      const isSent = request.socket !== null && !opening.has(request.socket);
      return { kind: isSent ? "LOST" : "NOT_SENT", code: codeOf(error) };
    } finally {
      clearTimeout(late);
    }
  };
}

/** Reads a whole answer; the connection of one that is too large is given up. */
async function read(response: IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > PROVIDER_ANSWER_BYTES) throw failure("ANSWER_TOO_LARGE");
    chunks.push(chunk);
  }
  const body = Buffer.concat(chunks, bytes).toString();
  return { kind: "ANSWERED", status: response.statusCode ?? 0, body };
}

function failure(code: string): Error {
  return Object.assign(new Error(code), { code });
}

function codeOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : "FAILED";
}
