import type { Payout } from "../domain/payout.ts";
import { type Routed, routePayout } from "../domain/route.ts";
import { keepToday, lockToday } from "../store/provider-days.ts";
import type { Tx } from "../store/tables.ts";
import type { Lane } from "./lane.ts";

/** Chooses providers for the payouts of one transaction. */
export type Routing = {
  /** Where a payout goes; one that is to be sent counts from then on. */
  readonly route: (payout: Payout) => Routed;
  /** Keeps what counts against the limits of the day. */
  readonly keep: () => Promise<void>;
};

/** Whether no provider has a limit of the day, so that routing needs no transaction. */
export function isUnlimited(lanes: ReadonlyMap<string, Lane>): boolean {
  return limitsOf(lanes).size === 0;
}

/** Begins to route; without a transaction only where no provider has a limit of the day. */
export async function startRouting(lanes: ReadonlyMap<string, Lane>, tx?: Tx): Promise<Routing> {
  const limits = limitsOf(lanes);
  const today = tx === undefined ? new Map() : await lockToday(tx, [...limits.keys()].toSorted());
  const route = (payout: Payout): Routed => {
    const routes = [...lanes].map(([name, { breaker, isShort }]) => {
      const limit = limits.get(name);
      const spent = today.get(name) ?? 0n;
      const isSpent = limit !== undefined && spent + newAt(payout, name) > limit;
      return { name, isHealthy: breaker.isClosed(), isShort: isShort(), isSpent };
    });
    const routed = routePayout(payout, routes);
    if (routed.kind !== "SEND") return routed;
    lanes.get(routed.provider)!.breaker.begin();
    const spent = today.get(routed.provider);
    if (spent !== undefined) today.set(routed.provider, spent + newAt(payout, routed.provider));
    return routed;
  };
  return {
    route,
    keep: async () => {
      if (tx !== undefined) await keepToday(tx, today);
    },
  };
}

/** What a payout adds to a provider's day: nothing where it is the same attempt again. */
function newAt({ attempts, amountMinor }: Payout, provider: string): bigint {
  return attempts.some((attempt) => attempt.provider === provider) ? 0n : amountMinor;
}

function limitsOf(lanes: ReadonlyMap<string, Lane>): ReadonlyMap<string, bigint> {
  const limits = new Map<string, bigint>();
  for (const [name, { provider }] of lanes) {
    const { dailyLimitMinor } = provider.caps;
    if (dailyLimitMinor !== undefined) limits.set(name, dailyLimitMinor);
  }
  return limits;
}
