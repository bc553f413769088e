import type { DescMessage, Message, MessageInitShape } from "@bufbuild/protobuf";
import type {
  HandlerContext,
  Interceptor,
  MethodImplSpec,
  StreamRequest,
  StreamResponse,
} from "@connectrpc/connect";
import { commonOf, contextFor, copy, intercepted } from "./request.ts";

type StreamSpec = Exclude<MethodImplSpec, { kind: "unary" }>;

/** Runs an implementation of a stream with its interceptors around it. */
export type InvokeStream = (
  context: HandlerContext,
  requests: AsyncIterable<Message>,
) => AsyncIterable<MessageInitShape<DescMessage>>;

/** Puts interceptors around a streaming implementation, once for all calls of the method. */
export function streamInvokerOf(
  spec: StreamSpec,
  interceptors: readonly Interceptor[],
): InvokeStream {
  const answers = answersOf(spec);
  if (interceptors.length === 0) return answers;
  const { method } = spec;
  const last = async (request: StreamRequest) => {
    const context = contextFor(request);
    const { responseHeader: header, responseTrailer: trailer } = context;
    const message = answers(context, request.message);
    return { stream: true, service: method.parent, method, header, trailer, message };
  };
  const run = intercepted(interceptors, last);
  return async function* invoke(context, message) {
    const request: StreamRequest = { ...commonOf(context), stream: true, method, message };
    const response = (await run(request)) as StreamResponse;
    copy(response.header, context.responseHeader);
    yield* response.message;
    copy(response.trailer, context.responseTrailer);
  };
}

/** Shows every kind of stream as the one that streams both ways. */
function answersOf(spec: StreamSpec): InvokeStream {
  switch (spec.kind) {
    case "server_streaming":
      return async function* answer(context, requests) {
        for await (const request of requests) yield* spec.impl(request, context);
      };
    case "client_streaming":
      return async function* answer(context, requests) {
        yield await spec.impl(requests, context);
      };
    default:
      return (context, requests) => spec.impl(requests, context);
  }
}
