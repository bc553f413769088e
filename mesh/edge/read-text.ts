import type { IncomingMessage } from "node:http";
import { Code, ConnectError } from "@connectrpc/connect";
import { refusal } from "./refusals.ts";

/**
 * Reads the body of a call as UTF-8. Throws that it is too large, as soon as that is known, or that
 * it broke off; what still comes of one that is too large is dropped.
 */
export async function readText(request: IncomingMessage, maxBytes: number): Promise<string> {
  const saidBytes = Number(request.headers["content-length"] ?? 0);
  if (saidBytes > maxBytes) throw tooLarge(`message size ${saidBytes} is`, maxBytes);
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const chunks: Buffer[] = [];
  let bytes = 0;
  const take = (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= maxBytes) chunks.push(chunk);
    else {
      chunks.length = 0;
      reject(tooLarge("message size is", maxBytes));
    }
  };
  const end = () =>
    resolve(decoder.decode(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)));
  const leave = () => reject(refusal("MALFORMED_REQUEST", { problem: "it broke off" }));
  if (request.destroyed) leave(); // while the gate was asked; no event will tell
  request.on("data", take).once("end", end).once("error", leave);
  return promise;
}

/** What Connect says of it. */
function tooLarge(size: string, maxBytes: number): ConnectError {
  const text = `${size} larger than configured readMaxBytes ${maxBytes}`;
  return new ConnectError(text, Code.ResourceExhausted);
}

const decoder = new TextDecoder();
