import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import { Code, ConnectError, type UnaryRequest, type UnaryResponse } from "@connectrpc/connect";
import { type Client, Metadata, status as Status, type StatusObject } from "@grpc/grpc-js";
import { methodDefinition } from "./definition.ts";
import { fromStatus, toHeaders, toMetadata } from "./metadata.ts";

/** How a call is made. */
export type CallPolicy = {
  /** When it has to be over, in epoch milliseconds; Infinity for never. */
  readonly deadlineMs: number;
  /** Whether it waits for a server that is away, until the deadline. */
  readonly waitForReady: boolean;
};

/**
 * Makes a unary call on a channel. It speaks to the channel
 * itself, since the client of grpc-js builds an exception for its stack on every call (4 %).
 */
export async function unaryCall<I extends DescMessage, O extends DescMessage>(
  channel: ReturnType<Client["getChannel"]>,
  request: UnaryRequest<I, O>,
  { deadlineMs, waitForReady }: CallPolicy,
): Promise<UnaryResponse<I, O>> {
  const { method, service, signal } = request;
  if (signal.aborted) throw ConnectError.from(signal.reason, Code.Canceled);
  const { path, responseDeserialize } = methodDefinition(method);
  const bytes = encoded(request);
  const { promise, resolve, reject } = Promise.withResolvers<UnaryResponse<I, O>>();
  const call = channel.createCall(path, deadlineMs, undefined, null, undefined);
  let header = new Metadata();
  let message: MessageShape<O> | undefined;
  const cancel = () => call.cancelWithStatus(Status.CANCELLED, "the caller cancelled the call");
  const receive = (received: Buffer) => {
    try {
      if (message !== undefined) throw new Error("a second message came");
      message = responseDeserialize(received);
    } catch (reason) {
      reject(new ConnectError("the answer can't be read", Code.Internal, {}, [], reason));
      cancel();
    }
  };
  const end = (status: StatusObject) => {
    if (signal !== never) signal.removeEventListener("abort", cancel);
    if (status.code !== Status.OK) reject(failure(status, header, signal));
    else if (message === undefined) reject(new ConnectError("no answer", Code.Unimplemented));
    else {
      const trailer = toHeaders(status.metadata);
      resolve({ stream: false, service, method, header: toHeaders(header), trailer, message });
    }
  };
  const metadata = toMetadata(request.header);
  metadata.setOptions({ waitForReady }); // grpc-js does not read it in a service config
  call.start(metadata, {
    onReceiveMetadata: (received) => void (header = received),
    onReceiveMessage: receive,
    onReceiveStatus: end,
  });
  if (signal !== never) signal.addEventListener("abort", cancel, { once: true });
  call.startRead();
  call.sendMessageWithContext({}, bytes);
  call.halfClose();
  return promise;
}

/** The signal of calls that nobody will cancel; nobody needs to listen to it. */
export const never: AbortSignal = new AbortController().signal;

function encoded({ method, message }: UnaryRequest): Buffer {
  try {
    return methodDefinition(method).requestSerialize(message);
  } catch (reason) {
    throw new ConnectError("the request can't be written", Code.Internal, {}, [], reason);
  }
}

/** Why a call ended; if the caller gave up, the caller's reason. */
function failure(status: StatusObject, header: Metadata, signal: AbortSignal): ConnectError {
  return signal.aborted
    ? ConnectError.from(signal.reason, Code.Canceled)
    : fromStatus(status, toHeaders(header));
}
