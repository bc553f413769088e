import { once } from "node:events";
import type { DescMessage } from "@bufbuild/protobuf";
import type { StreamRequest, StreamResponse } from "@connectrpc/connect";
import {
  type Client,
  type ClientDuplexStream,
  type Metadata,
  status as Status,
  type StatusObject,
} from "@grpc/grpc-js";
import { methodDefinition } from "./definition.ts";
import { fromStatus, toMetadata } from "./metadata.ts";
import type { CallPolicy } from "./unary-call.ts";
import { MetadataHeaders } from "./metadata-headers.ts";

/** Makes a call of any kind of stream. */
export async function streamCall<I extends DescMessage, O extends DescMessage>(
  client: Client,
  request: StreamRequest<I, O>,
  { deadlineMs, waitForReady }: CallPolicy,
): Promise<StreamResponse<I, O>> {
  const { method, service, signal } = request;
  signal.throwIfAborted();
  const { path, requestSerialize, responseDeserialize } = methodDefinition(method);
  const sent = toMetadata(request.header);
  sent.setOptions({ waitForReady });
  // One kind of call serves all kinds of stream: on the wire they look the same.
  const call = client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize, sent, {
    deadline: deadlineMs,
  });
  const [header, trailer] = [new MetadataHeaders(), new MetadataHeaders()];
  const opened = new Promise<void>((resolve) => {
    call.once("metadata", (metadata: Metadata) => {
      header.metadata.merge(metadata);
      resolve();
    });
  });
  const { promise: ended, resolve: end, reject: fail } = Promise.withResolvers<StatusObject>();
  call.once("status", (status: StatusObject) => {
    trailer.metadata.merge(status.metadata);
    end(status);
  });
  call.on("error", () => {}); // AD-4 the status tells it too, and waits for whoever reads late
  signal.addEventListener("abort", () => call.cancel(), { once: true });
  sendAll(request.message, call, signal).catch((reason: unknown) => {
    fail(reason);
    call.cancel();
  });
  await Promise.race([opened, ended]);
  const message = readAll(call, ended, header);
  return { stream: true, service, method, header, trailer, message };
}

/** Sends requests as fast as they are taken, until the call ends (AD-5). */
async function sendAll<T>(
  messages: AsyncIterable<T>,
  call: ClientDuplexStream<T, unknown>,
  signal: AbortSignal,
): Promise<void> {
  for await (const message of messages) {
    if (signal.aborted) return;
    if (call.write(message)) continue;
    await once(call, "drain", { signal }).catch(() => {}); // what failed, the status tells
  }
  call.end();
}

/** Reads what came before the call ended, and then how it ended. */
async function* readAll<T>(
  call: AsyncIterable<T>,
  ended: Promise<StatusObject>,
  header: Headers,
): AsyncIterable<T> {
  const messages = call[Symbol.asyncIterator]();
  const next = () => messages.next().catch(() => ({ done: true as const, value: undefined }));
  for (let read = await next(); !read.done; read = await next()) yield read.value;
  const status = await ended;
  if (status.code !== Status.OK) throw fromStatus(status, header);
}
