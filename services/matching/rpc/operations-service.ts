import { timestampMs } from "@bufbuild/protobuf/wkt";
import type { ServiceImpl } from "@connectrpc/connect";
import type { OperationsService } from "#gen/mizan/matching/v1/operations_service_pb.ts";
import { toDeadLetter } from "#mesh/events/dead-letter-message.ts";
import type { Matching } from "../context.ts";
import { listDeadLetters } from "../operations/list-dead-letters.ts";
import { republishEvents } from "../operations/republish-events.ts";
import { requeueDeadLetters } from "../operations/requeue-dead-letters.ts";

/** Lets an administrator look after the events of matching. */
export const operationsService = (
  matching: Pick<Matching, "db">,
): ServiceImpl<typeof OperationsService> => ({
  listDeadLetters: async (request) => {
    const { deadLetters, nextPageToken } = await listDeadLetters(matching, request);
    return { deadLetters: deadLetters.map(toDeadLetter), nextPageToken };
  },
  requeueDeadLetters: async ({ deadLetterIds }, call) =>
    requeueDeadLetters(matching, deadLetterIds, call),
  republishEvents: async ({ startTime }, call) =>
    republishEvents(matching, timestampMs(startTime!), call),
});
