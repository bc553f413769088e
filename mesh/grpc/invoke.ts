import { create, type Message } from "@bufbuild/protobuf";
import type {
  HandlerContext,
  Interceptor,
  MethodImplSpec,
  UnaryRequest,
  UnaryResponse,
} from "@connectrpc/connect";
import { commonOf, contextFor, copy, intercepted } from "./request.ts";

/** Runs an implementation with its interceptors around it. */
export type Invoke = (context: HandlerContext, message: Message) => Promise<Message>;

/**
 * Puts interceptors around a unary implementation, once for all calls of the method; Connect does
 * it anew for every call.
 */
export function invokerOf(
  { method, impl }: MethodImplSpec & { kind: "unary" },
  interceptors: readonly Interceptor[],
): Invoke {
  const { output } = method;
  if (interceptors.length === 0) {
    return async (context, message) => create(output, await impl(message, context));
  }
  const last = async (request: UnaryRequest): Promise<UnaryResponse> => {
    const context = contextFor(request);
    const { responseHeader: header, responseTrailer: trailer } = context;
    const message = create(output, await impl(request.message, context));
    return { stream: false, service: method.parent, method, header, trailer, message };
  };
  const run = intercepted(interceptors, last);
  return async (context, message) => {
    const request: UnaryRequest = { ...commonOf(context), stream: false, method, message };
    const response = (await run(request)) as UnaryResponse;
    copy(response.header, context.responseHeader);
    copy(response.trailer, context.responseTrailer);
    return response.message;
  };
}
