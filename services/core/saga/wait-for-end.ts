import { HOLD_VERDICT_MS, WITHDRAWAL_ANSWER_MS } from "#mesh/limits.ts";
import { hasEnded } from "../domain/withdrawal.ts";
import type { Current } from "../store/withdrawal-moves.ts";
import type { Saga } from "./advance.ts";

/** Who waits, and until when. */
type Bounds = {
  /** Aborts when the caller is gone. */
  readonly signal: AbortSignal;
  /** Until when the caller waits, in epoch milliseconds. */
  readonly endMs: number;
};

/**
 * Waits until a withdrawal has ended, or was answered to somebody else, for as long as operator and
 * caller allow; who is refused by the ledger hears that even where nobody waits for ends. Returns
 * what it is by then. Throws the signal's reason.
 */
export async function waitForEnd(
  { watched, terms }: Pick<Saga, "watched" | "terms">,
  seen: Current,
  { signal, endMs }: Bounds,
): Promise<Current> {
  signal.throwIfAborted();
  const leftMs = Math.max(0, endMs - Date.now() - WITHDRAWAL_ANSWER_MS);
  const over = Promise.withResolvers<void>();
  let now = seen;
  let isHeld = seen.row.state !== "REQUESTED";
  let isLate = terms.waitMs === 0;
  const check = () => {
    if (isSettled(now) || (isLate && isHeld)) over.resolve();
  };
  using _ = watched.watch(seen.row, {
    changed: (current) => {
      [now, isHeld] = [current, true];
      check();
    },
    held: () => {
      isHeld = true;
      check();
    },
  });
  check();
  const waitOver = setTimeout(
    () => {
      isLate = true;
      check();
    },
    Math.min(terms.waitMs, leftMs),
  );
  const wholeMs = Math.min(Math.max(terms.waitMs, HOLD_VERDICT_MS), leftMs);
  const givenUp = setTimeout(over.resolve, wholeMs);
  signal.addEventListener("abort", () => over.resolve());
  await over.promise;
  clearTimeout(waitOver);
  clearTimeout(givenUp);
  signal.throwIfAborted();
  return now;
}

/** Whether it is settled what the request of a withdrawal is answered. */
export function isSettled({ row, answer }: Current): boolean {
  return answer !== undefined || hasEnded(row);
}
