import { timestampFromMs, timestampMs } from "@bufbuild/protobuf/wkt";
import type { ServiceImpl } from "@connectrpc/connect";
import type { RequestLogService } from "#gen/mizan/core/v1/request_log_service_pb.ts";
import type { Core } from "../context.ts";
import type { RequestLog } from "../domain/request-log.ts";
import { listRequestLogs } from "../operations/list-request-logs.ts";

/** Shows administrators who has called what. */
export const requestLogService = (core: Core): ServiceImpl<typeof RequestLogService> => ({
  listRequestLogs: async ({ principal, method, code, startTime, endTime, ...page }) => {
    const startMs = startTime && timestampMs(startTime);
    const endMs = endTime && timestampMs(endTime);
    const filter = { principal, method, code, startMs, endMs };
    const { requestLogs, nextPageToken } = await listRequestLogs(core, filter, page);
    return { requestLogs: requestLogs.map(toRequestLog), nextPageToken };
  },
});

function toRequestLog({ atMs, ...log }: RequestLog) {
  return { ...log, callTime: timestampFromMs(atMs) };
}
