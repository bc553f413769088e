import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { MessageState } from "#gen/mizan/sms/v1/message_pb.ts";
import {
  type ListAllMessagesRequest,
  type ListMessagesRequest,
  MessageService,
} from "#gen/mizan/sms/v1/message_service_pb.ts";
import { personOf } from "#mesh/access.ts";
import type { Fields } from "#mesh/compat/fields.ts";
import { readOwnId } from "#mesh/compat/own-id.ts";
import { type CompatRow, compatRow } from "#mesh/compat/row.ts";
import { toWholeUnits } from "#mesh/compat/whole-units.ts";
import { fromMinor } from "#mesh/money.ts";
import type { Sms } from "../context.ts";
import { acceptedAtMs } from "../domain/message-id.ts";
import type * as domain from "../domain/message.ts";
import type { Currency } from "../events.ts";
import type { MessageView } from "../operations/messages.ts";
import { reportMessages } from "../operations/report-messages.ts";
import { fromSearch } from "../rpc/reading.ts";
import { readDate } from "./dates.ts";

/** The report of messages: users see their own, administrators those of a user or of everybody. */
export function reportRows(sms: Pick<Sms, "db" | "terms" | "currency">): readonly CompatRow[] {
  const { listMessages, listAllMessages } = MessageService.method;
  const row = { path: "/sms/v1/report", verb: "GET", errors } as const;
  return [
    compatRow({
      ...row,
      method: listMessages,
      toRequest: (fields, person) => {
        readOwnId(fields, "user_id", person);
        return toRequest(fields);
      },
      answer: async ({ request, fields, context }) =>
        report(sms, personOf(context.values).id, [request, fields]),
    }),
    compatRow({
      ...row,
      method: listAllMessages,
      toRequest: (fields) => ({ ...toRequest(fields), userId: fields.text("user_id") }),
      answer: async ({ request, fields }) =>
        report(sms, request.userId || undefined, [request, fields]),
    }),
  ];
}

const errors = {
  key: "error",
  fields: { INVALID_RECEIVER: "receiver", PAGE_NOT_FOUND: "page" },
} as const;

/** What the words of the replaced system stand for. */
const words: Readonly<Record<string, readonly domain.MessageState[]>> = {
  created: ["ACCEPTED", "SCHEDULED"],
  in_queue: ["QUEUED", "SENDING", "UNCERTAIN"],
  sent: ["SENT", "PARTIALLY_DELIVERED"],
  delivered: ["DELIVERED"],
  failed: ["UNDELIVERED", "FAILED", "CANCELLED", "EXPIRED", "REJECTED"],
};

const wordOf = new Map(
  Object.entries(words).flatMap(([word, states]) => states.map((state) => [state, word] as const)),
);

function toRequest(fields: Fields) {
  const startMs = readTime(fields, "start_date")?.startMs;
  const endMs = readTime(fields, "end_date")?.endMs;
  readPage(fields);
  return {
    status: readStatus(fields),
    receiver: fields.text("receiver"),
    ...(startMs !== undefined && { startTime: timestampFromMs(startMs) }),
    ...(endMs !== undefined && { endTime: timestampFromMs(endMs) }),
  };
}

function readStatus(fields: Fields) {
  const word = fields.text("status");
  const states = Object.hasOwn(words, word) ? words[word]! : [];
  if (word !== "" && states.length === 0) {
    fields.wrong("status", `This field must be one of ${Object.keys(words).join(", ")}.`);
  }
  return states.map((state) => MessageState[state]);
}

function readTime(fields: Fields, name: string) {
  const text = fields.text(name);
  const time = text === "" ? undefined : readDate(text);
  if (text !== "" && time === undefined) {
    fields.wrong(name, "This field must be a day such as 2026-01-31, or a time of ISO 8601.");
  }
  return time;
}

/** The number of the page, from 1. */
function readPage(fields: Fields): number {
  const text = fields.text("page");
  if (text === "") return 1;
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  fields.wrong("page", "This field must be a whole number of at least 1.");
  return 1;
}

async function report(
  sms: Pick<Sms, "db" | "terms" | "currency">,
  accountId: string | undefined,
  [request, fields]: [ListMessagesRequest | ListAllMessagesRequest, Fields],
): Promise<object> {
  const page = readPage(fields);
  const found = await reportMessages(sms, fromSearch(accountId, request), page);
  return {
    count: found.count,
    next: page < found.lastPage ? linkTo(page + 1, fields) : null,
    previous: page > 1 ? linkTo(page - 1, fields) : null,
    results: found.messages.map((view) => toResult(view, sms.currency)),
  };
}

/** The address of another page of the same report, on the same origin. */
function linkTo(page: number, fields: Fields): string {
  const names = ["user_id", "status", "receiver", "start_date", "end_date"];
  const given = names.flatMap((name) => {
    const text = fields.text(name);
    return text === "" ? [] : [[name, text]];
  });
  return `/sms/v1/report?${new URLSearchParams([...given, ["page", String(page)]]).toString()}`;
}

function toResult({ message, content }: MessageView, { scale }: Currency) {
  const { id, receiver, sender, state, price, lane, updatedAt } = message;
  return {
    id,
    message_id: id,
    receiver: `+${receiver}`,
    sender,
    status: wordOf.get(state),
    content,
    cost: toWholeUnits(fromMinor(BigInt(price), scale)),
    is_express: lane === "EXPRESS",
    created_at: new Date(acceptedAtMs(id)).toISOString(),
    modified_at: updatedAt.toISOString(),
  };
}
