import { Audit_State, BalanceMonitor_Direction } from "#gen/mizan/billing/v1/audit_pb.ts";
import type {
  AssetCreated,
  AuditFinished,
  BalanceCrossed,
} from "#gen/mizan/billing/v1/events_pb.ts";
import type { EventMeta } from "#mesh/events/consumer.ts";
import type { Queries } from "../store/tables.ts";
import { tellAdministrators } from "./tell-administrators.ts";

/** Tells administrators that a balance of the ledger has crossed its bound. */
export async function tellOfBalance(
  tx: Queries,
  { monitor, balance }: BalanceCrossed,
  { id: cause, atMs: createdAtMs }: Pick<EventMeta, "id" | "atMs">,
): Promise<void> {
  const { name, asset, bound, direction, isBeyond } = monitor!;
  const values = { monitor: name, balance, asset, bound, side: sideOf(direction, isBeyond) };
  await tellAdministrators(tx, { cause, type: "BALANCE_CROSSED", values, createdAtMs });
}

/** Tells administrators that the ledger counts a new asset. */
export async function tellOfAsset(
  tx: Queries,
  { code, scale }: AssetCreated,
  { atMs: createdAtMs }: Pick<EventMeta, "atMs">,
): Promise<void> {
  const values = { asset: code, scale: String(scale) };
  await tellAdministrators(tx, { cause: code, type: "ASSET_CREATED", values, createdAtMs });
}

/** Tells administrators of an audit of the ledger that has found something to be wrong. */
export async function tellOfAudit(
  tx: Queries,
  { audit }: AuditFinished,
  { atMs: createdAtMs }: Pick<EventMeta, "atMs">,
): Promise<void> {
  const { id: cause, state, discrepancyCount } = audit!;
  if (state !== Audit_State.FAILED) return;
  const values = { audit: cause, count: String(discrepancyCount) };
  await tellAdministrators(tx, { cause, type: "AUDIT_FAILED", values, createdAtMs });
}

function sideOf(direction: BalanceMonitor_Direction, isBeyond: boolean): string {
  const isBelow = direction === BalanceMonitor_Direction.BELOW;
  if (isBeyond) return isBelow ? "below" : "above";
  return isBelow ? "not below" : "not above";
}
