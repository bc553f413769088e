import {
  createContextKey,
  type HandlerContext,
  type Interceptor,
  type StreamRequest,
  type UnaryRequest,
} from "@connectrpc/connect";

/** A call as interceptors hand it on. */
export type AnyCall = ReturnType<Interceptor>;

/** Puts interceptors around a call, the first of them outermost. */
export function intercepted(interceptors: readonly Interceptor[], last: unknown): AnyCall {
  return interceptors.reduceRight((next, one) => one(next), last as AnyCall);
}

/** What the request of a call has in common, whether it streams or not. */
export function commonOf(context: HandlerContext) {
  const { service, requestMethod, url, requestHeader: header, signal, values } = context;
  values.set(contextKey, context);
  return { service, requestMethod, url, header, signal, contextValues: values };
}

/** The context of a request, with what the interceptors changed. */
export function contextFor(request: UnaryRequest | StreamRequest): HandlerContext {
  const { header, signal, contextValues } = request;
  const context = contextValues.get(contextKey)!;
  if (header === context.requestHeader && signal === context.signal) return context;
  return { ...context, requestHeader: header, signal, values: contextValues };
}

/** Copies headers that an interceptor has replaced to where the wire takes them from. */
export function copy(from: Headers, to: Headers): void {
  if (from === to) return;
  Array.from(to.keys(), (name) => to.delete(name));
  for (const [name, value] of from) to.append(name, value);
}

/** Where the last step finds the context again, whatever the interceptors made of the request. */
const contextKey = createContextKey<HandlerContext | undefined>(undefined, {
  description: "the context of the handler",
});
