import type { MessageInitShape } from "@bufbuild/protobuf";
import { Hold_Purpose } from "#gen/mizan/billing/v1/hold_pb.ts";
import type { ListHoldsRequest, ListedHoldSchema } from "#gen/mizan/billing/v1/hold_service_pb.ts";
import type { Assets } from "../domain/asset.ts";
import type { ListedHold } from "../operations/list-holds.ts";
import { purposes } from "./hold-messages.ts";
import { fromTime, toMoney, toTime } from "./messages.ts";

/** Reads which holds to list. */
export function fromHoldList({ purpose, startTime, endTime, ...page }: ListHoldsRequest) {
  return {
    purpose: purposes.get(purpose)!,
    startUs: fromTime(startTime)!,
    endUs: fromTime(endTime),
    pageSize: page.pageSize,
    pageToken: page.pageToken,
  };
}

/** Writes a hold as it was made. */
export function toListedHold(assets: Assets, { ledger, amountMinor, atUs, ...made }: ListedHold) {
  const { holdId, ownerId, purpose, reference, step } = made;
  const amount = toMoney(assets, ledger, amountMinor);
  const hold = { holdId, ownerId, purpose: Hold_Purpose[purpose], amount, reference, step };
  return { hold, createTime: toTime(atUs) } satisfies MessageInitShape<typeof ListedHoldSchema>;
}
