import { type Clock, systemClock } from "../clock.ts";
import { retryLater } from "../errors.ts";
import { CALL_WAIT_MS, CLASS_BORROWING, CLASS_SHARES, MAX_WAITING_CALLS } from "../limits.ts";
import { fail } from "../reasons.ts";
import { createCapacity, type LearnedCall } from "./capacity.ts";
import { type Waiting, waitingLine } from "./waiting-line.ts";

/** A class of calls, as the shares of the capacity name it. */
export type ClassName = keyof typeof CLASS_SHARES;

/** Decides which calls run now, which wait a moment, and which are refused. */
export type Admission = {
  /** Takes a place for a call, at once or soon; throws OVERLOADED. */
  readonly enter: (kind: ClassName, signal: AbortSignal) => Promise<void> | undefined;
  /** Gives the place back. */
  readonly leave: (kind: ClassName, call: EndedCall) => void;
  /** For metrics: how many calls may run, run, wait, and were refused. */
  readonly state: () => AdmissionState;
};

/** A call that gives its place back; the duration is left out when it tells nothing. */
type EndedCall = Omit<LearnedCall, "tookMs"> & { readonly tookMs?: number | undefined };

type AdmissionState = {
  readonly limit: number;
  readonly running: number;
  readonly waiting: number;
  readonly refused: number;
};

/** What admission goes by; a test has its own clock. */
export type AdmissionOptions = {
  /** Whether another sign tells of overload: a late event loop, a full pool, a long queue. */
  readonly isPressed?: () => boolean;
  readonly clock?: Pick<Clock, "monotonicMs">;
};

/**
 * Shares the capacity: each class is sure of its part and may borrow what others leave, the less
 * important ones less of it, so that reports are shed first and one-time passwords last.
 */
export function createAdmission(options: AdmissionOptions = {}): Admission {
  const { clock = systemClock, isPressed } = options;
  const capacity = createCapacity({ clock, isPressed });
  const running: Record<ClassName, number> = { EXPRESS: 0, MONEY: 0, READ: 0, BULK: 0 };
  let total = 0;
  let refused = 0;
  const isFree = (kind: ClassName) => {
    const limit = capacity.limit();
    if (total < limit * CLASS_BORROWING[kind]) return true;
    return running[kind] < Math.max(1, Math.floor(limit * CLASS_SHARES[kind]));
  };
  const start = (kind: ClassName) => {
    running[kind] += 1;
    total += 1;
  };
  const refuse = () => {
    refused += 1;
    return overloaded();
  };
  const line = () =>
    waitingLine({ clock, maxWaiting: MAX_WAITING_CALLS, waitMs: CALL_WAIT_MS, refuse });
  const lines: Record<ClassName, Waiting> = {
    EXPRESS: line(),
    MONEY: line(),
    READ: line(),
    BULK: line(),
  };
  const serve = () => {
    for (const kind of kinds) {
      while (lines[kind].size() > 0 && isFree(kind) && lines[kind].serve()) start(kind);
    }
  };
  return {
    enter: (kind, signal) => {
      if (lines[kind].size() > 0 || !isFree(kind)) return lines[kind].wait(signal);
      start(kind);
      return undefined;
    },
    leave: (kind, { tookMs, ...call }) => {
      if (tookMs !== undefined) capacity.learn({ ...call, tookMs }, total);
      running[kind] -= 1;
      total -= 1;
      serve();
    },
    state: () => {
      const waiting = kinds.reduce((sum, kind) => sum + lines[kind].size(), 0);
      return { limit: capacity.limit(), running: total, waiting, refused };
    },
  };
}

/** The most important first. */
const kinds = ["EXPRESS", "MONEY", "READ", "BULK"] as const;

function overloaded() {
  const retryMs = 100 + Math.round(Math.random() * 200); // spread, or all would come back at once
  return retryLater(fail("OVERLOADED", { resource: "the service", retry_ms: retryMs }), retryMs);
}
