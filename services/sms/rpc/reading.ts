import { type Timestamp, timestampMs } from "@bufbuild/protobuf/wkt";
import type { HandlerContext, ServiceImpl } from "@connectrpc/connect";
import { MessageState, TrafficClass } from "#gen/mizan/sms/v1/message_pb.ts";
import type {
  ListAllMessagesRequest,
  ListMessagesRequest,
  MessageService,
} from "#gen/mizan/sms/v1/message_service_pb.ts";
import { personOf } from "#mesh/access.ts";
import { deadlineKey } from "#mesh/deadline.ts";
import { ruleOf } from "#mesh/rule.ts";
import type { Sms } from "../context.ts";
import type * as domain from "../domain/message.ts";
import { createChangeTail } from "../operations/change-tail.ts";
import { getMessage } from "../operations/get-message.ts";
import { listMessages } from "../operations/list-messages.ts";
import type { MessageSearch } from "../operations/message-search.ts";
import { toMessage } from "../operations/messages.ts";
import { watchMessages } from "../operations/watch-messages.ts";

type Reading = Pick<
  ServiceImpl<typeof MessageService>,
  "getMessage" | "listMessages" | "listAllMessages" | "watchMessages"
>;

/** The methods of MessageService that tell what became of texts. */
export const reading = (sms: Pick<Sms, "db" | "log" | "terms" | "currency">): Reading => {
  const log = { ...sms, changes: createChangeTail(sms) };
  const list = async (
    accountId: string | undefined,
    request: ListMessagesRequest | ListAllMessagesRequest,
  ) => {
    const page = await listMessages(sms, fromSearch(accountId, request), request);
    const messages = page.messages.map((view) => toMessage(view, sms.currency));
    return { messages, nextPageToken: page.nextPageToken };
  };
  return {
    getMessage: async ({ messageId }, { values }) => {
      const view = await getMessage(sms, personOf(values).id, messageId);
      return { message: toMessage(view, sms.currency) };
    },
    listMessages: async (request, { values }) => list(personOf(values).id, request),
    listAllMessages: async (request) => list(request.userId || undefined, request),
    watchMessages: async function* watch({ resumeToken }, context) {
      const { values, signal } = context;
      const accountId = personOf(values).id;
      const watched = watchMessages(log, { accountId, resumeToken, signal, endMs: endOf(context) });
      for await (const { changes, ...rest } of watched) yield { ...rest, changes: [...changes] };
    },
  };
};

/** When a stream ends at the latest: at the caller's deadline, or the longest of the method. */
function endOf({ method, values }: HandlerContext): number {
  const longestMs = ruleOf(method)?.maxTimeoutMs ?? 0;
  return Math.min(values.get(deadlineKey) ?? Infinity, Date.now() + longestMs);
}

/** Reads what somebody looks for. */
export function fromSearch(
  accountId: string | undefined,
  request: ListMessagesRequest | ListAllMessagesRequest,
): MessageSearch {
  const { status, receiver, clientReference, sender, tag } = request;
  return {
    accountId,
    states: status.flatMap((state) => states.get(state) ?? []),
    receiver,
    startMs: toMs(request.startTime),
    endMs: toMs(request.endTime),
    clientReference,
    sender,
    trafficClass: classes.get(request.trafficClass),
    tag,
  };
}

/** In milliseconds; the parts of one round up, since no id tells them. */
function toMs(time: Timestamp | undefined): number | undefined {
  return time && timestampMs({ ...time, nanos: Math.ceil(time.nanos / 1e6) * 1e6 });
}

/** The names of the numbers; that of 0 stands for nothing. */
function namesOf<N extends string>(
  numbers: Readonly<Record<N | "UNSPECIFIED", number>>,
): ReadonlyMap<number, N> {
  const known = Object.entries<number>(numbers).filter(([, number]) => number !== 0);
  return new Map(known.map(([name, number]) => [number, name as N]));
}

const states = namesOf<domain.MessageState>(MessageState);
const classes = namesOf<domain.TrafficClass>(TrafficClass);
