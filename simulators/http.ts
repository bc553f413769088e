import type { IncomingMessage, ServerResponse } from "node:http";

/** A simulated provider: it answers the paths below its own name. */
export type Peer = AsyncDisposable & {
  readonly handle: (exchange: Exchange) => Promise<void> | void;
};

/** A request, with its path below the peer's name, and the answer that it waits for. */
export type Exchange = {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly path: string;
  readonly query: URLSearchParams;
};

/** Something that the caller did wrong, with the HTTP status that says so. */
export class Refusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Reads the whole body of a request; a longer one than allowed is refused. */
export async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) throw new Refusal(413, "the body is too large");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

/** Reads what a caller wrote; mistakes are the caller's. */
export function parsed<T>(text: string, parse: (text: string) => T): T {
  try {
    return parse(text);
  } catch (error) {
    throw new Refusal(400, error instanceof Error ? error.message : String(error));
  }
}

/** Answers with a text of JSON that is already made. */
export function answerJson(response: ServerResponse, status: number, json: string): void {
  const length = Buffer.byteLength(json);
  response.writeHead(status, { "content-type": "application/json", "content-length": length });
  response.end(json);
}

const MAX_BODY_BYTES = 4 * 1024 * 1024;
