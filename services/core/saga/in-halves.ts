import { Code, ConnectError } from "@connectrpc/connect";

/** What became of one item: a result, or why there is none. */
export type Asked<R> = R | Error;

/**
 * Asks for all items in one call. A call that is invalid as a whole is made for its halves, so that
 * nobody fails for what is wrong with another; any other failure is that of all of them.
 */
export async function inHalves<T, R>(
  items: readonly T[],
  call: (items: readonly T[]) => Promise<readonly R[]>,
): Promise<Asked<R>[]> {
  if (items.length === 0) return [];
  try {
    const results = await call(items);
    if (results.length === items.length) return [...results];
    throw new Error(`there are ${results.length} results for ${items.length} items`);
  } catch (error) {
    const cause = error instanceof Error ? error : new Error(String(error));
    const isInvalid = error instanceof ConnectError && error.code === Code.InvalidArgument;
    if (!isInvalid || items.length === 1) return items.map(() => cause);
    const middle = Math.ceil(items.length / 2);
    const first = await inHalves(items.slice(0, middle), call);
    return [...first, ...(await inHalves(items.slice(middle), call))];
  }
}
