import { setTimeout as sleep } from "node:timers/promises";
import { WITHDRAWAL_POLL_MS } from "#mesh/limits.ts";
import type { Withdrawing } from "../context.ts";
import type { Withdrawal } from "../domain/withdrawal.ts";
import type { Current } from "../store/withdrawal-moves.ts";
import { findChanged } from "../store/withdrawals.ts";

/** Tells those who wait for withdrawals what becomes of them, wherever that was decided. */
export type Watched = {
  /** Tells the listener, until it is disposed of. Whoever watches bounds how many do (R3). */
  readonly watch: (one: Seen, listener: Listener) => Disposable;
  /** Says what became of withdrawals in this process. */
  readonly tell: (now: readonly Current[]) => void;
  /** Says that credit and pool are held for withdrawals, and that they go on. */
  readonly tellHeld: (ids: readonly string[]) => void;
};

/** What is told of a withdrawal. */
type Listener = {
  /** Each newer version. */
  readonly changed: (now: Current) => void;
  readonly held?: () => void;
};

/** What somebody knows already. */
type Seen = Pick<Withdrawal, "id" | "version">;

/**
 * Watches for all who wait in this process: what happens here they hear at once, and one look at
 * the database, now and then, tells what others have done. It rests while nobody waits.
 */
export function createWatched({ db, log }: Pick<Withdrawing, "db" | "log">): Watched {
  const seats = new Map<string, Set<Seat>>();
  let isLooking = false;

  const tell = (all: readonly Current[]) => {
    for (const now of all) {
      for (const seat of seats.get(now.row.id) ?? []) {
        if (now.row.version <= seat.version) continue;
        seat.version = now.row.version;
        seat.listener.changed(now);
      }
    }
  };
  const tellHeld = (ids: readonly string[]) => {
    for (const id of ids) for (const { listener } of seats.get(id) ?? []) listener.held?.();
  };
  /** Looks for those who have waited since the last look; the others may hear any moment. */
  const look = async () => {
    const old: Seen[] = [];
    for (const [id, all] of seats) {
      const versions = Array.from(all, ({ version }) => version);
      if (Array.from(all).some(({ isOld }) => isOld))
        old.push({ id, version: Math.min(...versions) });
      for (const seat of all) seat.isOld = true;
    }
    if (old.length > 0) tell(await findChanged(db.sql, old));
  };
  const run = async () => {
    isLooking = true;
    while (seats.size > 0) {
      await sleep(WITHDRAWAL_POLL_MS);
      await look().catch((error: unknown) => {
        log.warn({ err: error }, "withdrawals can't be looked at; it is tried again");
      });
    }
    isLooking = false;
  };
  const watch: Watched["watch"] = ({ id, version }, listener) => {
    const seat: Seat = { version, listener, isOld: false };
    const all = seats.get(id) ?? new Set();
    seats.set(id, all.add(seat));
    if (!isLooking) void run();
    const leave = () => {
      all.delete(seat);
      if (all.size === 0 && seats.get(id) === all) seats.delete(id);
    };
    return { [Symbol.dispose]: leave };
  };
  return { watch, tell, tellHeld };
}

type Seat = { version: number; readonly listener: Listener; isOld: boolean };
