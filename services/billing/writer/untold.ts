import type { Connection } from "#mesh/database/connection.ts";
import { MAX_EVENT_ACCOUNTS } from "#mesh/limits.ts";
import type { Account } from "../domain/account.ts";
import type { Ledger } from "../domain/ledger.ts";
import { findLastToldSlot } from "../store/commits.ts";

/** The accounts that no event has told of yet; the event of the next transfers does. */
export type Untold = {
  /** Notes the accounts of a commit that has no transfers, and so no event. */
  keep(opened: readonly Account[]): void;
  /** Hands over what the event of a commit tells of: the oldest, as many as fit. */
  take(opened: readonly Account[], ledger: Ledger): readonly Readonly<Account>[];
};

/** Begins where the stored events end; `lastSlot` is the place of the newest account. */
export async function loadUntold(connection: Connection, lastSlot: number): Promise<Untold> {
  let toldSlot = await findLastToldSlot(connection);
  let knownSlot = lastSlot;
  const keep = (opened: readonly Account[]) => void (knownSlot = opened.at(-1)?.slot ?? knownSlot);
  return {
    keep,
    take(opened, ledger) {
      keep(opened);
      if (toldSlot === knownSlot) return none;
      const count = Math.min(knownSlot - toldSlot, MAX_EVENT_ACCOUNTS);
      const told = Array.from({ length: count }, (_, place) =>
        ledger.bySlot(toldSlot + 1 + place)!,
      );
      toldSlot += count;
      return told;
    },
  };
}

const none: readonly Account[] = [];
