import type { EventEmitter } from "node:events";
import type { Message } from "@bufbuild/protobuf";
import { Code, ConnectError, createContextValues, type HandlerContext } from "@connectrpc/connect";
import type {
  ServerDuplexStream,
  ServerReadableStream,
  ServerUnaryCall,
  ServerWritableStream,
} from "@grpc/grpc-js";
import type { DescMethod } from "@bufbuild/protobuf";
import { deadlineKey, timeLeftMs } from "../deadline.ts";
import { MetadataHeaders } from "./metadata-headers.ts";
import { peerKey, peerOf } from "./peer.ts";

export type UnaryCall = ServerUnaryCall<Message, Message>;
export type RequestStream =
  | ServerReadableStream<Message, Message>
  | ServerDuplexStream<Message, Message>;
export type ResponseStream =
  | ServerWritableStream<Message, Message>
  | ServerDuplexStream<Message, Message>;
/** A call as grpc-js hands it to a handler. */
export type ServerCall = UnaryCall | RequestStream | ResponseStream;

/** What a handler sees of a call, and how to tell it that the call is over. */
export type CallContext = { readonly context: HandlerContext; readonly finish: () => void };

/** Shows a call of grpc-js as Connect shows calls. */
export function contextOf(method: DescMethod, url: string, call: ServerCall): CallContext {
  const controller = new AbortController();
  const deadlineMs = Number(call.getDeadline());
  (call as EventEmitter).once("cancelled", () => {
    if (!controller.signal.aborted) controller.abort(stopped(deadlineMs));
  });
  const values = createContextValues().set(peerKey, peerOf(call));
  if (deadlineMs !== Infinity) values.set(deadlineKey, deadlineMs);
  const context = {
    service: method.parent,
    method,
    protocolName: "grpc",
    requestMethod: "POST",
    url,
    requestHeader: new MetadataHeaders(call.metadata),
    responseHeader: new MetadataHeaders(),
    responseTrailer: new MetadataHeaders(),
    signal: controller.signal,
    timeoutMs: () => timeLeftMs(values),
    values,
  };
  return { context, finish: () => controller.abort(finished) };
}

function stopped(deadlineMs: number): ConnectError {
  return Date.now() >= deadlineMs
    ? new ConnectError("the deadline has passed", Code.DeadlineExceeded)
    : new ConnectError("the caller cancelled the call", Code.Canceled);
}

/** Ends the signal of a call that is over; shared, since a reason made each time costs a stack. */
const finished = new ConnectError("the call is over", Code.Canceled);
