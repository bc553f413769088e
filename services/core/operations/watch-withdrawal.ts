import { retryLater } from "#mesh/errors.ts";
import { MAX_WATCHERS, OVERLOAD_RETRY_MS, WATCH_SIGN_MS } from "#mesh/limits.ts";
import { fail } from "#mesh/reasons.ts";
import { hasEnded, type Withdrawal } from "../domain/withdrawal.ts";
import type { Saga } from "../saga/advance.ts";
import { getWithdrawal } from "./get-withdrawal.ts";

/** Who watches what, and until when. */
export type Watch = {
  readonly merchantId: string;
  readonly id: string;
  /** Aborts when the caller is gone, at the caller's deadline and at a drain. */
  readonly signal: AbortSignal;
  /** When the stream ends at the latest, in epoch milliseconds. */
  readonly endMs: number;
  /** After how long without a change there is a sign of life. */
  readonly signMs?: number;
};

/**
 * Makes what follows withdrawals: each as it is now, then at each change until it has ended, and
 * unchanged as a sign of life. Throws WITHDRAWAL_NOT_FOUND, OVERLOADED when too many watch, and
 * DEADLINE_PASSED at the end of its time.
 */
export function createWithdrawalWatch(
  saga: Pick<Saga, "db" | "watched">,
): (watch: Watch) => AsyncGenerator<Withdrawal> {
  const seats = new Map<string, number>();
  let all = 0;
  const take = (merchantId: string) => {
    const own = seats.get(merchantId) ?? 0;
    if (own >= MAX_WATCHERS.ofAccount || all >= MAX_WATCHERS.all) throw overloaded();
    seats.set(merchantId, own + 1);
    all += 1;
  };
  const leave = (merchantId: string) => {
    const own = seats.get(merchantId)! - 1;
    if (own === 0) seats.delete(merchantId);
    else seats.set(merchantId, own);
    all -= 1;
  };
  return async function* watchWithdrawal(watch) {
    take(watch.merchantId);
    try {
      const now = await getWithdrawal(saga, watch.merchantId, watch.id);
      yield now;
      yield* follow(saga, now, watch);
    } finally {
      leave(watch.merchantId);
    }
  };
}

async function* follow(
  { watched }: Pick<Saga, "watched">,
  begin: Withdrawal,
  { signal, endMs, signMs = WATCH_SIGN_MS }: Watch,
): AsyncGenerator<Withdrawal> {
  let now = begin;
  let wake: (() => void) | undefined;
  const changed = (current: { readonly row: Withdrawal }) => {
    now = current.row; // a slow reader gets the latest, and none of those before
    wake?.();
  };
  using _ = watched.watch(begin, { changed });
  for (let seen = begin; !hasEnded(seen); yield seen) {
    const leftMs = endMs - Date.now();
    if (leftMs <= 0) throw fail("DEADLINE_PASSED");
    if (now.version === seen.version) {
      const { promise, resolve } = Promise.withResolvers<void>();
      wake = resolve;
      const timer = setTimeout(resolve, Math.min(signMs, leftMs));
      signal.addEventListener("abort", () => resolve(), { once: true });
      await promise;
      clearTimeout(timer);
    }
    signal.throwIfAborted();
    seen = now;
  }
}

function overloaded() {
  const values = { resource: "the number of streams", retry_ms: OVERLOAD_RETRY_MS };
  return retryLater(fail("OVERLOADED", values), OVERLOAD_RETRY_MS);
}
