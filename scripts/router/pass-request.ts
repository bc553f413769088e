import type { IncomingMessage } from "node:http";
import type { Connection } from "./connection.ts";
import { requestHeaders } from "./forwarded.ts";

/** A request on its way to a service. */
export type Passing = {
  /** Goes on, after the connection could take no more. */
  readonly drain: () => void;
  /** Passes nothing on any more; what still comes is dropped, so that the caller can go on. */
  readonly stop: () => void;
};

/**
 * Sends a request on as it comes. The connection is asked for when there is something to send: one
 * with a length waits for its first bytes, which leave with the head in one packet.
 */
export function passRequest(
  request: IncomingMessage,
  address: string,
  ask: () => Connection,
): Passing {
  const { "transfer-encoding": encoding, "content-length": length } = request.headers;
  const head = headOf(request, address);
  if (encoding !== undefined) return passChunks(request, head, ask());
  if (length !== undefined && Number(length) > 0) {
    return passLength(request, head, { ask, bytes: Number(length) });
  }
  const isEmptied = length === undefined && !bodiless.has(request.method ?? "");
  const connection = ask();
  connection.write(isEmptied ? `${head}content-length: 0\r\n\r\n` : `${head}\r\n`);
  connection.sent();
  return { drain: () => undefined, stop: () => undefined };
}

function passLength(
  request: IncomingMessage,
  head: string,
  { ask, bytes }: { readonly ask: () => Connection; readonly bytes: number },
): Passing {
  let connection: Connection | undefined;
  let left = bytes;
  const pass = (data: Buffer) => {
    left -= data.length;
    const begun = connection;
    connection ??= ask();
    const flows = begun ? begun.write(data) : writeWithHead(connection, `${head}\r\n`, data);
    if (left === 0) connection.sent();
    else if (!flows) request.pause();
  };
  request.on("data", pass);
  const stop = () => {
    if (left > 0) request.off("data", pass).resume();
  };
  return { drain: () => request.resume(), stop };
}

function passChunks(request: IncomingMessage, head: string, connection: Connection): Passing {
  const pass = (data: Buffer) => {
    const size = `${data.length.toString(16)}\r\n`;
    const flows =
      data.length <= JOINED_BYTES
        ? connection.write(`${size}${data.toString("latin1")}\r\n`)
        : connection.write(size, data, "\r\n");
    if (!flows) request.pause();
  };
  const end = () => {
    connection.write("0\r\n\r\n");
    connection.sent();
  };
  // A stream's head must not wait for its first message.
  connection.write(`${head}transfer-encoding: chunked\r\n\r\n`);
  request.on("data", pass).once("end", end);
  const stop = () => request.off("data", pass).off("end", end).resume();
  return { drain: () => request.resume(), stop };
}

function writeWithHead(connection: Connection, head: string, data: Buffer): boolean {
  if (data.length > JOINED_BYTES) return connection.write(head, data);
  return connection.write(head + data.toString("latin1")); // one string costs less than two writes
}

function headOf(request: IncomingMessage, address: string): string {
  const headers = requestHeaders(request, address);
  let head = `${request.method} ${request.url} HTTP/1.1\r\nconnection: keep-alive\r\n`;
  for (let at = 0; at < headers.length; at += 2) head += `${headers[at]}: ${headers[at + 1]}\r\n`;
  return head;
}

/** The methods of which nobody expects a body, so that none needs no length (RFC 9110 §8.6). */
const bodiless: ReadonlySet<string> = new Set(["GET", "HEAD", "DELETE", "OPTIONS", "TRACE"]);

/** Up to which size bytes are joined with what is written before them. */
const JOINED_BYTES = 16 * 1024;
