import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import {
  type MessageChange,
  MessageChangeSchema,
  MessagesChangedSchema,
} from "#gen/mizan/sms/v1/events_pb.ts";
import { ChargeState, FailureReason, MessageState } from "#gen/mizan/sms/v1/message_pb.ts";
import type { StreamSpec } from "#mesh/events/bus-streams.ts";
import { appendAll, enqueue } from "#mesh/events/outbox.ts";
import { bucketOf } from "#mesh/ids.ts";
import { EXPRESS_POLL_MS, MAX_POINTED_TASKS } from "#mesh/limits.ts";
import { fromMinor } from "#mesh/money.ts";
import type * as domain from "./domain/message.ts";
import type { Tx } from "./store/tables.ts";

/** A change of a message, as it is told. */
export type Change = {
  readonly messageId: string;
  readonly accountId: string;
  readonly state: domain.MessageState;
  readonly failure: domain.FailureReason | undefined;
  readonly charge: domain.ChargeState;
  /** In minor units. */
  readonly price: bigint;
  readonly revision: number;
  readonly atMs: number;
  readonly clientReference: string;
};

/** The asset that messages are paid in, and how many digits its minor units have. */
export type Currency = { readonly asset: string; readonly scale: number };

/** Tells that messages changed, in the transaction that changes them: one event a bucket (O1). */
export async function messagesChanged(
  tx: Tx,
  changes: readonly Change[],
  currency: Currency,
): Promise<void> {
  const buckets = Map.groupBy(changes, ({ accountId }) => String(bucketOf(accountId)));
  const happenings = [...buckets].map(([bucket, ofBucket]) => {
    const message = create(MessagesChangedSchema, {
      changes: ofBucket.map((change) => toChange(change, currency)),
    });
    return { key: bucket, token: bucket, message };
  });
  await appendAll(tx, MessagesChangedSchema, happenings);
}

function toChange(change: Change, { asset, scale }: Currency): MessageChange {
  const { messageId, accountId, revision, clientReference } = change;
  return create(MessageChangeSchema, {
    messageId,
    accountId,
    state: MessageState[change.state],
    failure: change.failure === undefined ? 0 : FailureReason[change.failure],
    chargeState: ChargeState[change.charge],
    price: { asset, amount: fromMinor(change.price, scale) },
    revision,
    changeTime: timestampFromMs(change.atMs),
    clientReference,
  });
}

/** The streams of the lanes: they carry pointers to tasks, and losing them costs time only. */
export const laneStreams = {
  EXPRESS: { name: "SMS_EXPRESS", subjects: ["sms.express.>"], pollMs: EXPRESS_POLL_MS },
  BULK: { name: "SMS_BULK", subjects: ["sms.bulk.>"] },
} as const satisfies Record<domain.Lane, StreamSpec>;

/** The subjects that a lane of a provider has: bulk is spread by account over 16 (LANE-5). */
export function laneSubjects(lane: domain.Lane, provider: string): readonly string[] {
  if (lane === "EXPRESS") return [`sms.express.${provider}`];
  return Array.from({ length: 16 }, (_, bucket) => `sms.bulk.${provider}.${bucket}`);
}

/** A task that a worker is to take. */
export type QueuedTask = {
  readonly taskId: string;
  readonly lane: domain.Lane;
  readonly provider: string;
  readonly accountId: string;
};

/** Puts tasks into their lanes, in the transaction that queues them; many share one pointer. */
export async function tasksQueued(tx: Tx, tasks: readonly QueuedTask[]): Promise<void> {
  for (const lane of ["EXPRESS", "BULK"] as const) {
    const ofLane = tasks.filter((task) => task.lane === lane);
    const subjects = Map.groupBy(ofLane, ({ provider, accountId }) =>
      lane === "EXPRESS"
        ? `sms.express.${provider}`
        : `sms.bulk.${provider}.${bucketOf(accountId)}`,
    );
    const work = [...subjects].flatMap(([subject, ofSubject]) =>
      partsOf(ofSubject).map((part) => ({
        subject,
        key: part[0]!.taskId,
        payload: toPointer(part),
      })),
    );
    await enqueue(tx, laneStreams[lane].name, work);
  }
}

/** The ids of the tasks that a pointer names; none when it is not one. */
export function fromPointer(payload: Uint8Array): readonly string[] {
  const text = new TextDecoder().decode(payload);
  return text.split(",").filter((id) => /^[0-9a-f-]{36}$/.test(id));
}

function toPointer(tasks: readonly QueuedTask[]): Uint8Array {
  return new TextEncoder().encode(tasks.map(({ taskId }) => taskId).join(","));
}

function partsOf(tasks: readonly QueuedTask[]): QueuedTask[][] {
  const count = Math.ceil(tasks.length / MAX_POINTED_TASKS);
  return Array.from({ length: count }, (_, part) =>
    tasks.slice(part * MAX_POINTED_TASKS, (part + 1) * MAX_POINTED_TASKS),
  );
}
