import { create, type Message } from "@bufbuild/protobuf";
import {
  createContextKey,
  type HandlerContext,
  type Interceptor,
  type MethodImplSpec,
  type UnaryRequest,
  type UnaryResponse,
} from "@connectrpc/connect";

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
  const run = interceptors.reduceRight((next, one) => one(next), last as unknown as AnyCall);
  return async (context, message) => {
    const { service, requestMethod, url, requestHeader: header, signal, values } = context;
    values.set(contextKey, context);
    const common = { service, requestMethod, url, header, signal, contextValues: values };
    const request: UnaryRequest = { ...common, stream: false, method, message };
    const response = (await run(request)) as UnaryResponse;
    copy(response.header, context.responseHeader);
    copy(response.trailer, context.responseTrailer);
    return response.message;
  };
}

type AnyCall = ReturnType<Interceptor>;

/** Where the last step finds the context again, whatever the interceptors made of the request. */
const contextKey = createContextKey<HandlerContext | undefined>(undefined, {
  description: "the context of the handler",
});

/** The context, with what the interceptors changed. */
function contextFor(request: UnaryRequest): HandlerContext {
  const { header, signal, contextValues } = request;
  const context = contextValues.get(contextKey)!;
  if (header === context.requestHeader && signal === context.signal) return context;
  return { ...context, requestHeader: header, signal, values: contextValues };
}

function copy(from: Headers, to: Headers): void {
  if (from === to) return;
  Array.from(to.keys(), (name) => to.delete(name));
  for (const [name, value] of from) to.append(name, value);
}
