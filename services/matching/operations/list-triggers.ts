import type * as wire from "#gen/mizan/matching/v1/trigger_pb.ts";
import type { ListTriggersRequest } from "#gen/mizan/matching/v1/trigger_service_pb.ts";
import { personOf } from "#mesh/access.ts";
import { fromPageToken, pageSize, toPageToken } from "#mesh/page.ts";
import type { Call, Matching } from "../context.ts";
import * as store from "../store/triggers.ts";
import { toTriggerMessage } from "./trigger-message.ts";
import { fromTriggerState } from "./trigger-words.ts";

/** One page of the caller's triggers, the newest first, and the token of the next page. */
export async function listTriggers(
  { db, markets }: Pick<Matching, "db" | "markets">,
  request: ListTriggersRequest,
  { values }: Pick<Call, "values">,
): Promise<{ triggers: wire.Trigger[]; nextPageToken: string }> {
  const { id: accountId } = personOf(values);
  const state = fromTriggerState(request.state);
  const list = ["triggers", accountId, request.market, state].join("/");
  const before = fromPageToken(request.pageToken, list)?.[0];
  const limit = pageSize(request.pageSize);
  const filter = { accountId, state, market: request.market || undefined };
  const found = await store.listTriggers(db.sql, filter, { before, limit: limit + 1 });
  const shown = found.slice(0, limit);
  const last = found.length > limit ? shown.at(-1) : undefined;
  return {
    triggers: shown.map((trigger) => toTriggerMessage(trigger, markets.find(trigger.market)!)),
    nextPageToken: last ? toPageToken([last.id], list) : "",
  };
}
