import { uuidOf } from "#mesh/ids.ts";
import { MAX_HOLD_STEP } from "#mesh/limits.ts";
import { fromPageToken, pageSize, toPageToken } from "#mesh/page.ts";
import { fail as refuse } from "#mesh/reasons.ts";
import type { Billing } from "../context.ts";
import type { Flow, Purpose } from "../domain/hold.ts";
import { fail } from "../errors.ts";
import { findMoves, type Move } from "../store/listed-moves.ts";
import { caughtUp } from "../writer/caught-up.ts";
import type { Bounds } from "../writer/work.ts";
import { ownPurposes, purposeOf } from "./own-purpose.ts";
import type { Page, PageRequest } from "./read-page.ts";

/** Which holds of a service to list. */
export type HoldList = PageRequest & {
  readonly service: string;
  readonly purpose: Purpose;
  /** From this time and before that one, in microseconds since 1970. */
  readonly startUs: number;
  readonly endUs?: number | undefined;
};

/** A hold as it was made, or what a step has added to it. */
export type ListedHold = Omit<Move, "id" | "userData"> & {
  readonly holdId: string;
  readonly purpose: Purpose;
  readonly step: number;
};

/**
 * Lists the holds of a service by the time at which they were made, the oldest first. A page may be
 * short and not be the last: one call looks at a bounded number of transfers. Throws
 * NOT_YOUR_PURPOSE, and HOLDS_NOT_LISTED for a purpose that has no such list.
 */
export async function listHolds(
  { db, writer }: Billing,
  { service, purpose, startUs, endUs = Infinity, ...page }: HoldList,
  bounds: Bounds,
): Promise<Page<ListedHold>> {
  const { flow } = purposeOf({ holdId: "", purpose }, { service, own: ownPurposes(service) });
  if (flow.listed === undefined) throw fail("HOLDS_NOT_LISTED", { purpose });
  const list = `holds/${JSON.stringify([purpose, startUs, endUs])}`;
  const [token] = fromPageToken(page.pageToken, list) ?? [];
  const fromUs = token === undefined ? startUs : Number(token);
  if (!Number.isSafeInteger(fromUs)) throw refuse("INVALID_PAGE_TOKEN");
  const { lastAtUs } = await caughtUp(writer, bounds);
  const limit = pageSize(page.pageSize);
  const range = { fromUs, beforeUs: Math.min(endUs, lastAtUs + 1) };
  const { moves, nextUs } = await findMoves(db, flow.listed, { ...range, limit: limit + 1 });
  const isMore = moves.length > limit;
  const goesOnUs = isMore ? moves[limit]!.atUs : nextUs;
  return {
    rows: moves.slice(0, limit).flatMap((move) => toHold(move, purpose, flow)),
    nextPageToken: goesOnUs === undefined ? "" : toPageToken([String(goesOnUs)], list),
  };
}

/** Nothing for what others have moved, which no hold has. */
function toHold({ id, userData, ...move }: Move, purpose: Purpose, flow: Flow): ListedHold[] {
  const holdId = uuidOf(userData);
  const step = stepOf(id, holdId, flow);
  return step === undefined ? [] : [{ ...move, holdId, purpose, step }];
}

/** Which step has made a transfer: ids are not kept by their paths, and steps begin at the first. */
function stepOf(id: string, holdId: string, flow: Flow): number | undefined {
  for (let step = 0; step <= MAX_HOLD_STEP; step++) {
    if (flow.listed!.idOf(holdId, step) === id) return step;
  }
  return undefined;
}
