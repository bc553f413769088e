import type { Payout } from "../domain/payout.ts";
import { type Routed, routePayout } from "../domain/route.ts";
import type { BankProvider } from "../providers/bank.ts";
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
      const isCounted = limit !== undefined;
      const isSpent = isCounted && spent + payout.amountMinor > limit;
      return { name, isHealthy: breaker.isClosed(), isShort: isShort(), isSpent, isCounted };
    });
    const routed = routePayout(payout, routes);
    if (routed.kind !== "SEND") return routed;
    lanes.get(routed.provider)!.breaker.begin();
    const spent = today.get(routed.provider);
    if (spent !== undefined) today.set(routed.provider, spent + payout.amountMinor);
    return routed;
  };
  return {
    route,
    keep: async () => {
      if (tx !== undefined) await keepToday(tx, today);
    },
  };
}

/** The most that any provider may be sent on a day, in minor units; undefined for no limit. */
export function mostOfDay(lanes: ReadonlyMap<string, Lane>): bigint | undefined {
  const limits = [...limitsOf(lanes).values()];
  if (limits.length < lanes.size) return undefined;
  return limits.reduce((most, limit) => (limit > most ? limit : most), 0n);
}

/** Those providers that may be sent so much on a day at all. */
export function payersOf(
  providers: ReadonlyMap<string, BankProvider>,
  amountMinor: bigint,
): string[] {
  const isAble = ({ caps }: BankProvider) => (caps.dailyLimitMinor ?? amountMinor) >= amountMinor;
  return [...providers.values()].flatMap((one) => (isAble(one) ? [one.name] : []));
}

function limitsOf(lanes: ReadonlyMap<string, Lane>): ReadonlyMap<string, bigint> {
  const limits = new Map<string, bigint>();
  for (const [name, { provider }] of lanes) {
    const { dailyLimitMinor } = provider.caps;
    if (dailyLimitMinor !== undefined) limits.set(name, dailyLimitMinor);
  }
  return limits;
}
