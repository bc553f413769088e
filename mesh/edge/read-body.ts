import type { IncomingMessage } from "node:http";
import { refusal } from "./refusals.ts";

/** How large a body may be, and how long it may take to arrive. */
type Bounds = { readonly maxBytes: number; readonly timeoutMs: number };

/** Reads the body of a request as text; throws as `readBytes` does. */
export async function readBody(request: IncomingMessage, bounds: Bounds): Promise<string> {
  return (await readBytes(request, bounds)).toString();
}

/**
 * Reads the body of a request. Throws MESSAGE_TOO_LARGE, REQUEST_TOO_SLOW, or that the caller has
 * left; what still comes of a body that is too large is dropped.
 */
export async function readBytes(
  request: IncomingMessage,
  { maxBytes, timeoutMs }: Bounds,
): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const chunks: Buffer[] = [];
  let bytes = 0;
  const take = (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= maxBytes) chunks.push(chunk);
    else reject(refusal("MESSAGE_TOO_LARGE", { problem: `more than ${maxBytes} bytes` }));
  };
  const end = () => resolve(Buffer.concat(chunks));
  const leave = () => reject(refusal("MALFORMED_REQUEST", { problem: "it broke off" }));
  const late = setTimeout(() => reject(refusal("REQUEST_TOO_SLOW")), timeoutMs);
  request.on("data", take).once("end", end).once("error", leave).once("close", leave);
  try {
    return await promise;
  } finally {
    clearTimeout(late);
    request.off("data", take).off("end", end).off("close", leave);
    request.resume();
  }
}
