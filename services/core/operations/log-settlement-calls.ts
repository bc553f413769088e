import { timestampMs } from "@bufbuild/protobuf/wkt";
import type { CallsLogged } from "#gen/mizan/settlement/v1/events_pb.ts";
import { insertRequestLogs } from "../store/request-logs.ts";
import type { Queries } from "../store/tables.ts";

/** Writes calls of settlement into the request log, each once, however often the event comes. */
export async function logSettlementCalls(tx: Queries, { calls }: CallsLogged): Promise<void> {
  const logs = calls.map(({ callTime, ...call }) => ({
    ...call,
    service: "settlement",
    atMs: callTime === undefined ? 0 : timestampMs(callTime),
  }));
  await insertRequestLogs(tx, logs);
}
