import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { UserRegisteredSchema } from "#gen/mizan/core/v1/events_pb.ts";
import { append } from "#mesh/events/outbox.ts";
import type { User } from "./domain/user.ts";
import type { Queries } from "./store/tables.ts";

/** Tells that a user has joined, if the transaction commits. */
export async function userRegistered(tx: Queries, { id, createdAtMs }: User): Promise<void> {
  const eventTime = timestampFromMs(createdAtMs);
  const event = create(UserRegisteredSchema, { userId: id, eventTime });
  await append(tx, UserRegisteredSchema, event, { key: id });
}
