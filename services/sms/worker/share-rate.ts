import { LANE_SHARES, LANE_USE_LOOK_MS, LANE_USED_MS } from "#mesh/limits.ts";
import type { Sms } from "../context.ts";
import type { Lane } from "../domain/message.ts";
import { noteUse, wasUsed } from "../store/lane-use.ts";

/** How much of the provider's rate a lane may use, from moment to moment. */
export type Rate = Disposable & {
  readonly perSecond: () => number;
  /** Says that the lane has something to send. */
  readonly used: () => void;
};

type Means = Pick<Sms, "db" | "log" | "provider">;

/**
 * Shares the rate of a provider between its lanes, whose workers are processes apart (LANE-2):
 * express may use all of it and says when it does; bulk has what is left then, and all of it while
 * express is idle. When that can't be told, bulk is careful.
 */
export function shareRate(sms: Means, lane: Lane, segmentsPerSecond: number): Rate {
  const express = { provider: sms.provider.name, lane: "EXPRESS" } as const;
  let isShared = true;
  let saidMs = -Infinity;
  let askedMs = -Infinity;
  const look = () => {
    if (performance.now() - askedMs > LANE_USED_MS) {
      isShared = true; // nobody wants to know, so it is not known
      return;
    }
    wasUsed(sms.db, express, LANE_USED_MS).then(
      (used) => (isShared = used),
      () => (isShared = true),
    );
  };
  const say = () => {
    const nowMs = performance.now();
    if (nowMs - saidMs < LANE_USE_LOOK_MS) return;
    saidMs = nowMs;
    noteUse(sms.db, express).catch((error: unknown) => {
      sms.log.warn({ err: error, lane }, "bulk does not hear of express");
    });
  };
  const timer = lane === "BULK" ? setInterval(look, LANE_USE_LOOK_MS) : undefined;
  const share = () => {
    askedMs = performance.now();
    return lane === "BULK" && isShared ? LANE_SHARES.BULK : LANE_SHARES.EXPRESS;
  };
  return {
    perSecond: () => segmentsPerSecond * share(),
    used: lane === "EXPRESS" ? say : () => {},
    [Symbol.dispose]: () => clearInterval(timer),
  };
}
