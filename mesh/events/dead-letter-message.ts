import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import type { DeadLetterSchema } from "#gen/mizan/type/v1/dead_letter_pb.ts";
import type { DeadLetter } from "./operations.ts";

/** A dead letter as the OperationsService of every package shows it. */
export function toDeadLetter({
  createdAtMs,
  requeuedAtMs,
  ...letter
}: DeadLetter): MessageInitShape<typeof DeadLetterSchema> {
  const requeueTime = requeuedAtMs === null ? undefined : timestampFromMs(requeuedAtMs);
  return {
    ...letter,
    createTime: timestampFromMs(createdAtMs),
    ...(requeueTime && { requeueTime }),
  };
}
