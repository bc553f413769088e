import { create } from "@bufbuild/protobuf";
import { timestampFromMs, timestampNow } from "@bufbuild/protobuf/wkt";
import {
  CallsLoggedSchema,
  PayoutAlarm_Kind,
  PayoutAlarmSchema,
  PayoutsChangedSchema,
} from "#gen/mizan/settlement/v1/events_pb.ts";
import type { CallEntry } from "#mesh/call-buffer.ts";
import { append, appendAll } from "#mesh/events/outbox.ts";
import { newId } from "#mesh/ids.ts";
import type { Payout } from "./domain/payout.ts";
import { toPayout } from "./operations/messages.ts";
import type { Queries, Tx } from "./store/tables.ts";

/** Tells how payouts are after a change, in the transaction that changes them: in one event. */
export async function payoutsChanged(
  tx: Tx,
  payouts: readonly Payout[],
  atMs: number,
): Promise<void> {
  const [first] = payouts;
  if (first === undefined) return;
  const eventTime = timestampFromMs(atMs);
  const event = create(PayoutsChangedSchema, { payouts: payouts.map(toPayout), eventTime });
  await append(tx, PayoutsChangedSchema, event, { key: first.id, seq: first.version });
}

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

/** Tells of calls that settlement has answered, in one event. */
export async function callsLogged(tx: Queries, entries: readonly CallEntry[]): Promise<void> {
  const [first] = entries;
  if (first === undefined) return;
  const calls = entries.map(({ atMs, ...call }) => ({ ...call, callTime: timestampFromMs(atMs) }));
  await append(tx, CallsLoggedSchema, create(CallsLoggedSchema, { calls }), { key: first.id });
}
