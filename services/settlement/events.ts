import { create } from "@bufbuild/protobuf";
import { timestampNow } from "@bufbuild/protobuf/wkt";
import { PayoutAlarm_Kind, PayoutAlarmSchema } from "#gen/mizan/settlement/v1/events_pb.ts";
import { appendAll } from "#mesh/events/outbox.ts";
import { newId } from "#mesh/ids.ts";
import type { Tx } from "./store/tables.ts";

/** Something that needs somebody. */
export type Alarm = {
  readonly kind: Exclude<keyof typeof PayoutAlarm_Kind, "UNSPECIFIED">;
  /** Empty when it is not about one. */
  readonly payoutId: string;
  readonly provider: string;
  /** A sentence without secrets. */
  readonly detail: string;
};

/** Tells administrators what needs them, if the transaction commits. */
export async function payoutAlarms(tx: Tx, alarms: readonly Alarm[]): Promise<void> {
  const happenings = alarms.map(({ kind, ...rest }) => {
    const named = { ...rest, kind: PayoutAlarm_Kind[kind], eventTime: timestampNow() };
    const message = create(PayoutAlarmSchema, named);
    return { key: rest.payoutId || rest.provider || newId(), message };
  });
  await appendAll(tx, PayoutAlarmSchema, happenings);
}
