import { timestampMs } from "@bufbuild/protobuf/wkt";
import type { UserRegistered } from "#gen/mizan/core/v1/events_pb.ts";
import { derivedId, uuidOf } from "#mesh/ids.ts";
import type { Queries } from "../store/tables.ts";
import { tell } from "../events.ts";

/** Welcomes a user who has joined, once. */
export async function welcomeUser(tx: Queries, event: UserRegistered): Promise<void> {
  const { userId, eventTime } = event;
  const welcome = {
    id: uuidOf(derivedId(`notification/welcome/${userId}`)),
    personId: userId,
    type: "WELCOME",
    values: {},
    createdAtMs: eventTime ? timestampMs(eventTime) : 0,
  } as const;
  await tell(tx, [welcome]);
}
