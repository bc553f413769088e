import {
  FREE_LOGIN_ATTEMPTS,
  LOGIN_ATTEMPTS_KEPT_MS,
  LOGIN_DELAY_MS,
  MAX_LOGIN_ATTEMPTS_KEPT,
  MAX_LOGIN_DELAY_MS,
  NETWORK_FAILURES,
} from "#mesh/limits.ts";

/** Who tries: the name as it was given, known or not, and the network it comes from. */
export type Attempt = { readonly name: string; readonly network: string };

/** Slows down whoever tries passwords. Times are milliseconds of a clock that only grows. */
export type Attempts = {
  /**
   * Counts an attempt as wrong before anything is known, so that many at once don't slip through.
   * Returns 0, or after how many milliseconds to try again; the attempt does not count then.
   */
  readonly take: (attempt: Attempt, nowMs: number) => number;
  /** Takes the count of an attempt back that was right, and knows the network from then on. */
  readonly succeed: (attempt: Attempt, nowMs: number) => void;
  /** Takes the count of an attempt back that was not looked at. */
  readonly undo: (attempt: Attempt, nowMs: number) => void;
};

/**
 * Remembers attempts, as many as the limit says (S17). A network waits twice as long with every
 * wrong password for a name; other networks don't, so that strangers lock nobody out (S3). A
 * network also runs out of attempts for all names together, but for names that it was right for.
 */
export function createAttempts(): Attempts {
  const pairs = new Map<string, Pair>();
  const networks = new Map<string, number>();
  const find = (attempt: Attempt, nowMs: number): Pair => {
    const pair = pairs.get(keyOf(attempt));
    const isFresh = pair !== undefined && nowMs - pair.openAtMs < LOGIN_ATTEMPTS_KEPT_MS;
    return isFresh ? pair : { failures: 0, openAtMs: nowMs, isKnown: pair?.isKnown ?? false };
  };
  const giveBack = (attempt: Attempt, pair: Pair) => {
    remember(pairs, keyOf(attempt), pair);
    const fullAtMs = networks.get(attempt.network);
    if (fullAtMs !== undefined) networks.set(attempt.network, fullAtMs - everyMs);
  };
  return {
    take: (attempt, nowMs) => {
      const { failures, openAtMs, isKnown } = find(attempt, nowMs);
      if (nowMs < openAtMs) return openAtMs - nowMs;
      const fullAtMs = Math.max(networks.get(attempt.network) ?? 0, nowMs) + everyMs;
      const overMs = fullAtMs - nowMs - burst * everyMs;
      if (overMs > 0 && !isKnown) return overMs;
      const nextMs = nowMs + delayMs(failures + 1);
      remember(pairs, keyOf(attempt), { failures: failures + 1, openAtMs: nextMs, isKnown });
      remember(networks, attempt.network, fullAtMs);
      return 0;
    },
    succeed: (attempt, nowMs) => giveBack(attempt, { failures: 0, openAtMs: nowMs, isKnown: true }),
    undo: (attempt, nowMs) => {
      const { failures, isKnown } = find(attempt, nowMs);
      giveBack(attempt, { failures: Math.max(failures - 1, 0), openAtMs: nowMs, isKnown });
    },
  };
}

/** What one network has tried for one name. */
type Pair = {
  readonly failures: number;
  /** When the next attempt may come. */
  readonly openAtMs: number;
  /** Whether the network was right before. */
  readonly isKnown: boolean;
};

const { burst, everyMs } = NETWORK_FAILURES;

function keyOf({ name, network }: Attempt): string {
  return `${network} ${name}`;
}

function delayMs(failures: number): number {
  if (failures < FREE_LOGIN_ATTEMPTS) return 0;
  return Math.min(LOGIN_DELAY_MS * 2 ** (failures - FREE_LOGIN_ATTEMPTS), MAX_LOGIN_DELAY_MS);
}

/** Sets an entry and forgets the one that was set longest ago when there are too many. */
function remember<V>(entries: Map<string, V>, key: string, value: V): void {
  entries.delete(key);
  if (entries.size >= MAX_LOGIN_ATTEMPTS_KEPT) entries.delete(entries.keys().next().value!);
  entries.set(key, value);
}
