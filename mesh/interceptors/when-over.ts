import type { Interceptor } from "@connectrpc/connect";

/** A call of any kind, as interceptors hand it on. */
export type AnyCall = ReturnType<Interceptor>;
export type AnyRequest = Parameters<AnyCall>[0];
export type AnyResponse = Awaited<ReturnType<AnyCall>>;

/** How a call failed. */
export type Failure = { readonly reason: unknown };

/**
 * Hands a call on and tells once when it is over: a unary call when it is answered, a stream when
 * it ends, without what it answered. What a failed call throws is what `over` returns.
 */
export async function whenOver(
  next: AnyCall,
  request: AnyRequest,
  over: (failure?: Failure, response?: AnyResponse) => unknown,
): Promise<AnyResponse> {
  let response: AnyResponse;
  try {
    response = await next(request);
  } catch (reason) {
    throw over({ reason });
  }
  if (response.stream) return { ...response, message: watched(response.message, over) };
  over(undefined, response);
  return response;
}

async function* watched<T>(
  messages: AsyncIterable<T>,
  over: (failure?: Failure) => unknown,
): AsyncIterable<T> {
  let isOver = false;
  try {
    yield* messages;
  } catch (reason) {
    isOver = true;
    throw over({ reason });
  } finally {
    if (!isOver) over(); // at the end, or when the reader has left
  }
}
