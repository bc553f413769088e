import type { MessageInitShape } from "@bufbuild/protobuf";
import {
  BalanceMonitor_Direction as Direction,
  BalanceMonitor_Field as Field,
  type BalanceMonitorSchema,
} from "#gen/mizan/billing/v1/audit_pb.ts";
import { bytesOf } from "#mesh/ids.ts";
import { fromMinor } from "#mesh/money.ts";
import type { Id } from "../domain/account.ts";
import type { Asset } from "../domain/asset.ts";
import type { Monitor } from "../domain/monitor.ts";
import { toTime } from "./messages.ts";

/** A monitor with what its message shows of the account. */
type Shown = { readonly monitor: Monitor; readonly accountId: Id; readonly asset: Asset };

/** Writes a monitor, for answers and for events. */
export function toMonitor({ monitor, accountId, asset }: Shown) {
  const { id, field, direction, boundMinor, isBeyond, name, createdAtUs } = monitor;
  const message = {
    id,
    accountId: bytesOf(accountId),
    asset: asset.code,
    field: fields[field],
    direction: directions[direction],
    bound: toSigned(boundMinor, asset),
    isBeyond,
    name,
    createTime: toTime(createdAtUs),
  };
  return message satisfies MessageInitShape<typeof BalanceMonitorSchema>;
}

/** Writes a balance, which may be less than zero, in major units. */
export function toSigned(minor: bigint, { scale }: Asset): string {
  return minor < 0n ? `-${fromMinor(-minor, scale)}` : fromMinor(minor, scale);
}

/** Reads what is watched; what is not a field or direction is refused before. */
export function fromWatch(
  field: Field,
  direction: Direction,
): Pick<Monitor, "field" | "direction"> {
  return {
    field: (Object.keys(fields) as Monitor["field"][]).find((one) => fields[one] === field)!,
    direction: direction === Direction.BELOW ? "below" : "above",
  };
}

const fields = {
  posted: Field.POSTED,
  available: Field.AVAILABLE,
  incoming: Field.INCOMING,
} as const satisfies Record<Monitor["field"], Field>;

const directions = { below: Direction.BELOW, above: Direction.ABOVE } as const;
