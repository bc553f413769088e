import type { Report } from "./fault.ts";
import type { Fold } from "./state.ts";

/** The list of open pending transfers has those that nothing has resolved, and no others. */
export function compareOpen({ pendings }: Fold, stored: ReadonlySet<number>, report: Report): void {
  const field = "pending_open.at_us";
  for (const [atUs, place] of pendings.places) {
    if (stored.has(atUs)) continue;
    const [slot, seq] = [pendings.debitSlot[place]!, pendings.seq[place]!];
    report({ slot, seq, field, expected: String(atUs), found: "" });
  }
  for (const atUs of stored) {
    if (pendings.places.has(atUs)) continue;
    report({ slot: 0, seq: 0, field, expected: "", found: String(atUs) });
  }
}

/** The list of reverts has the reverts, each with its original, and no others (EXT-3). */
export function compareReverts(
  { reverted }: Fold,
  stored: ReadonlyMap<number, number>,
  report: Report,
): void {
  const field = "transfer_revert.at_us";
  const tell = (expected: number | undefined, found: number | undefined) => {
    const values = { expected: String(expected ?? ""), found: String(found ?? "") };
    report({ slot: 0, seq: 0, field, ...values });
  };
  for (const [original, atUs] of reverted) {
    if (stored.get(original) !== atUs) tell(atUs, stored.get(original));
  }
  for (const [original, atUs] of stored) if (!reverted.has(original)) tell(undefined, atUs);
}
