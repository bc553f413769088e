import { retryLater } from "./errors.ts";
import { OVERLOAD_RETRY_MS } from "./limits.ts";
import { fail } from "./reasons.ts";

/** How many may watch at the same time. */
export type WatchSeats = {
  /** Throws OVERLOADED when there is no seat left, or the account has enough of them. */
  readonly take: (accountId: string) => void;
  readonly leave: (accountId: string) => void;
  /** Takes a seat until it is disposed of. */
  readonly of: (accountId: string) => Disposable;
};

/** Makes so many seats. */
export function createSeats(most: {
  readonly all: number;
  readonly ofAccount: number;
}): WatchSeats {
  const taken = new Map<string, number>();
  let all = 0;
  const take = (accountId: string) => {
    const own = taken.get(accountId) ?? 0;
    if (own >= most.ofAccount) throw full("The number of streams of the account");
    if (all >= most.all) throw full("The number of streams of the service");
    taken.set(accountId, own + 1);
    all += 1;
  };
  const leave = (accountId: string) => {
    const own = taken.get(accountId)! - 1;
    if (own === 0) taken.delete(accountId);
    else taken.set(accountId, own);
    all -= 1;
  };
  const of = (accountId: string) => {
    take(accountId);
    return { [Symbol.dispose]: () => leave(accountId) };
  };
  return { take, leave, of };
}

function full(resource: string) {
  const retryMs = OVERLOAD_RETRY_MS;
  return retryLater(fail("OVERLOADED", { resource, retry_ms: retryMs }), retryMs);
}
