import type { Clock } from "../clock.ts";
import { SHARD_LEASE_MS, RENEW_LEASE_MS } from "../limits.ts";

/**
 * How long the shard is certainly ours, as far as this process can tell by itself: others wait for
 * as long by their clocks, from when they saw what we asked for earlier (WR-6).
 */
export type Lease = {
  /** Whether memory may be shown without asking the database; not after a long sleep. */
  isHeld(): boolean;
  /** Whether nothing has renewed it for a while. */
  isDue(): boolean;
  /** The moment of a statement to send, which renews the lease if it goes well. */
  now(): number;
  /** Takes in that a statement of that moment went well. */
  renew(sentMs: number): void;
};

/** A lease that a statement has begun which was sent at a moment of a clock. */
export function createLease(clock: Clock, begunMs: number): Lease {
  let sinceMs = begunMs;
  const ageMs = () => clock.monotonicMs() - sinceMs;
  return {
    isHeld: () => ageMs() < SHARD_LEASE_MS,
    isDue: () => ageMs() >= RENEW_LEASE_MS / 2,
    now: () => clock.monotonicMs(),
    renew: (sentMs) => void (sinceMs = Math.max(sinceMs, sentMs)),
  };
}
