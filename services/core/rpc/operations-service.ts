import { timestampMs } from "@bufbuild/protobuf/wkt";
import type { ServiceImpl } from "@connectrpc/connect";
import type { OperationsService } from "#gen/mizan/core/v1/operations_service_pb.ts";
import { toDeadLetter } from "#mesh/events/dead-letter-message.ts";
import type { Core } from "../context.ts";
import { listDeadLetters } from "../operations/list-dead-letters.ts";
import { republishEvents } from "../operations/republish-events.ts";
import { requeueDeadLetters } from "../operations/requeue-dead-letters.ts";

/** Lets an administrator look after the events of core. */
export const operationsService = (core: Core): ServiceImpl<typeof OperationsService> => ({
  listDeadLetters: async (request) => {
    const { deadLetters, nextPageToken } = await listDeadLetters(core, request);
    return { deadLetters: deadLetters.map(toDeadLetter), nextPageToken };
  },
  requeueDeadLetters: async ({ deadLetterIds }, call) =>
    requeueDeadLetters(core, deadLetterIds, call),
  republishEvents: async ({ startTime }, call) =>
    republishEvents(core, timestampMs(startTime!), call),
});
