import { setTimeout as sleep } from "node:timers/promises";
import type { Message } from "@bufbuild/protobuf";
import { FIRST_MESSAGE_WAIT_MS } from "../limits.ts";
import type { AnyRequest } from "./when-over.ts";

/** A call, and what is known of what it asks for before anybody reads it. */
export type Opened = { readonly request: AnyRequest; readonly asked: Message | undefined };

/**
 * Tells what a call with one request asks for, also where it is refused before that is read. The
 * request of a stream of answers is waited for only so long, as its caller may be slow. Streams of
 * requests are left alone.
 */
export function firstMessage(request: AnyRequest): Opened | Promise<Opened> {
  if (!request.stream) return { request, asked: request.message };
  if (request.method.methodKind !== "server_streaming") return { request, asked: undefined };
  return peek(request);
}

async function peek(request: AnyRequest & { readonly stream: true }): Promise<Opened> {
  const messages = request.message[Symbol.asyncIterator]();
  const first = messages.next();
  const waiting = new AbortController();
  const late = sleep(FIRST_MESSAGE_WAIT_MS, undefined, waiting).catch(() => undefined);
  const asked = first.then(
    ({ value }) => value as Message | undefined,
    () => undefined, // whoever reads it is told
  );
  const seen = await Promise.race([asked, late]);
  waiting.abort();
  return { request: { ...request, message: again(first, messages) }, asked: seen };
}

/** The messages from the first one on. */
async function* again<T>(
  first: Promise<IteratorResult<T, unknown>>,
  messages: AsyncIterator<T>,
): AsyncIterable<T> {
  try {
    for (let read = await first; read.done !== true; read = await messages.next()) yield read.value;
  } finally {
    await messages.return?.();
  }
}
