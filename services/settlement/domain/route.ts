import type { Payout } from "./payout.ts";

/** A provider as the router sees it. */
export type Route = {
  readonly name: string;
  /** Whether it takes new attempts by now: its breaker is closed (PAY-10). */
  readonly isHealthy: boolean;
  /** Whether it has said a moment ago that it has too little of our money. */
  readonly isShort: boolean;
  /** Whether the payout would exceed what may be paid through it today. */
  readonly isSpent: boolean;
  /** Whether what it is sent counts against a limit of the day. */
  readonly isCounted: boolean;
};

/** To whom a payout is sent. */
export type Sent = Pick<Route, "isCounted"> & { readonly kind: "SEND"; readonly provider: string };

/** Where a payout goes next, or what it waits for. */
export type Routed =
  | Sent
  | { readonly kind: "FUNDS"; readonly provider: string }
  | { readonly kind: "WAIT"; readonly reason: "NO_PROVIDER" | "PROVIDER_LIMIT" };

/**
 * Chooses who pays: the first provider in the order of the settings that may and can. One that has
 * refused the payout is not asked again; one that says that it does not know it is the last choice;
 * one whose call has not left is the first, so that the same attempt goes on (PAY-4).
 */
export function routePayout(payout: Payout, routes: readonly Route[]): Routed {
  const able = routes
    .filter(({ name }) => !never.has(stateAt(payout, name)))
    .toSorted((one, other) => rankOf(payout, one.name) - rankOf(payout, other.name));
  const best = able.find(({ isHealthy, isShort, isSpent }) => isHealthy && !isShort && !isSpent);
  if (best !== undefined) {
    return { kind: "SEND", provider: best.name, isCounted: best.isCounted };
  }
  const short = able.find(({ isShort, isSpent }) => isShort && !isSpent);
  if (short !== undefined) return { kind: "FUNDS", provider: short.name };
  const isSpent = able.some((route) => route.isSpent);
  return { kind: "WAIT", reason: isSpent ? "PROVIDER_LIMIT" : "NO_PROVIDER" };
}

/** Whether some provider is left that may still be asked to pay (PAY-4). */
export function isAnyLeft(payout: Payout, names: Iterable<string>): boolean {
  return [...names].some((name) => !never.has(stateAt(payout, name)));
}

function stateAt({ attempts }: Payout, provider: string) {
  return attempts.find((attempt) => attempt.provider === provider)?.state;
}

function rankOf(payout: Payout, provider: string): number {
  const state = stateAt(payout, provider);
  if (state === "NOT_SENT") return 0;
  return state === "NOT_FOUND" ? 2 : 1;
}

const never = new Set<ReturnType<typeof stateAt>>(["REJECTED", "FAILED", "SUCCEEDED"]);
