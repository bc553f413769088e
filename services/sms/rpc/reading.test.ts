import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { Code, type ServiceImpl } from "@connectrpc/connect";
import { afterAll, describe, expect, test } from "vitest";
import { MessageState, TrafficClass } from "#gen/mizan/sms/v1/message_pb.ts";
import {
  MessageService,
  type WatchMessagesResponse,
} from "#gen/mizan/sms/v1/message_service_pb.ts";
import { newId } from "#mesh/ids.ts";
import { reasonOf } from "#mesh/errors.ts";
import { implemented } from "#mesh/service.ts";
import { failureOf, infoOf } from "#mesh/testing/failure.ts";
import { changesOf } from "../testing/changes.ts";
import { insertMessages } from "../testing/insert-messages.ts";
import { idAt } from "../testing/message-ids.ts";
import { serveSms } from "../testing/serve-sms.ts";
import { usualTerms } from "../testing/usual-terms.ts";
import { reading } from "./reading.ts";

const serve = async () =>
  serveSms(async ({ db, log }) => {
    const sms = { db, log, terms: usualTerms, currency: { asset: "IRR", scale: 2 } };
    const methods = reading(sms) as ServiceImpl<typeof MessageService>;
    return { contract: [implemented(MessageService, methods)] };
  });
const service = await serve();
const { db } = service;
const { happen } = changesOf(db);
afterAll(async () => service[Symbol.asyncDispose]());

/** The client of a person on one of the wires. */
async function clientOf(wire: Wire, id: string, role: "USER" | "ADMIN" = "USER", on = service) {
  const { http, grpc, headers } = await on.clientsOf(MessageService, id, role);
  return { client: wire === "gRPC" ? grpc : http, headers };
}

type Wire = "gRPC" | "HTTP";

describe.each<Wire>(["gRPC", "HTTP"])("over %s", (wire) => {
  test("a person sees the own messages, and nobody else's", async () => {
    const [mine, other] = [newId(), newId()];
    const [id, foreign] = [newId(), newId()];
    await insertMessages(db, [
      { id, accountId: mine, content: "سلام" },
      { id: foreign, accountId: other },
    ]);
    const { client, headers } = await clientOf(wire, mine);
    const { message } = await client.getMessage({ messageId: id }, { headers });
    expect(message).toMatchObject({ id, accountId: mine, content: "سلام" });
    const { messages } = await client.listMessages({}, { headers });
    expect(messages.map((one) => one.id)).toEqual([id]);
    const failure = await failureOf(client.getMessage({ messageId: foreign }, { headers }));
    expect([failure.code, reasonOf(failure)]).toEqual([Code.NotFound, "MESSAGE_NOT_FOUND"]);
  });

  test("every filter of a list is the one that its name says", async () => {
    const [mine, nowMs] = [newId(), Date.now()];
    const wanted = idAt(nowMs);
    const plain = { accountId: mine, receiver: "989121111111", tags: ["x"] };
    await insertMessages(db, [
      { id: idAt(nowMs - 2000), ...plain },
      { id: idAt(nowMs + 2000), ...plain, state: "DELIVERED", trafficClass: "OTP" },
      {
        id: wanted,
        accountId: mine,
        receiver: "989122222222",
        state: "FAILED",
        trafficClass: "PROMOTIONAL",
        sender: "10001",
        clientReference: "order-7",
        tags: ["y", "z"],
      },
    ]);
    const { client, headers } = await clientOf(wire, mine);
    for (const filter of [
      { status: [MessageState.FAILED, MessageState.SENT] },
      { receiver: "0912 222 22 22" },
      { startTime: timestampFromMs(nowMs), endTime: timestampFromMs(nowMs + 1) },
      {
        startTime: timestampFromMs(nowMs - 1),
        endTime: { ...timestampFromMs(nowMs), nanos: 999_999_999 },
      },
      { clientReference: "order-7" },
      { sender: "10001" },
      { trafficClass: TrafficClass.PROMOTIONAL },
      { tag: "z" },
    ]) {
      const { messages } = await client.listMessages(filter, { headers });
      const found = messages.map(({ id }) => id);
      expect([Object.keys(filter), found]).toEqual([Object.keys(filter), [wanted]]);
    }
    const page = await client.listMessages({ pageSize: 2 }, { headers });
    expect(page.messages).toHaveLength(2);
    const { nextPageToken: pageToken } = page;
    const rest = await client.listMessages({ pageSize: 2, pageToken }, { headers });
    expect([rest.messages.length, rest.nextPageToken]).toEqual([1, ""]);
  });

  test("an administrator lists everybody's messages, a user doesn't", async () => {
    const [one, other] = [newId(), newId()];
    const tag = one.slice(-12);
    const ids = [newId(), newId()];
    await insertMessages(db, [
      { id: ids[0]!, accountId: one, tags: [tag] },
      { id: ids[1]!, accountId: other, tags: [tag] },
    ]);
    const { client, headers } = await clientOf(wire, newId(), "ADMIN");
    const all = await client.listAllMessages({ tag }, { headers });
    expect(all.messages.map(({ id }) => id).toSorted()).toEqual(ids.toSorted());
    const some = await client.listAllMessages({ tag, userId: other }, { headers });
    expect(some.messages.map(({ id }) => id)).toEqual([ids[1]]);
    const user = await clientOf(wire, one);
    const call = user.client.listAllMessages({}, { headers: user.headers });
    expect(reasonOf(await failureOf(call))).toBe("NOT_ALLOWED");
  });

  test("changes are watched as they happen, and from where an earlier stream stopped", async () => {
    const [mine, other] = [newId(), newId()];
    const { client, headers } = await clientOf(wire, mine);
    const seen: number[] = [];
    let resumeToken = "";
    /** Reads until so many changes were seen over all streams. */
    const readTo = async (count: number, once = async () => {}) => {
      const reader = new AbortController();
      const options = { headers, signal: reader.signal };
      let isFirst = true;
      for await (const answer of client.watchMessages({ resumeToken }, options)) {
        seen.push(...answer.changes.map(({ revision }) => revision));
        ({ resumeToken } = answer);
        if (isFirst) await once();
        isFirst = false;
        if (seen.length >= count) break;
      }
      reader.abort(); // AD-12
    };
    await readTo(2, async () => {
      await happen([mine, 1], [other, 100]);
      await happen([other, 101]);
      await happen([mine, 2]);
    });
    await happen([mine, 3], [mine, 4]);
    await happen([other, 102]);
    await readTo(5, async () => happen([mine, 5]));
    expect(seen).toEqual([1, 2, 3, 4, 5]);
  });

  test("a stream needs a user, and a token of the user's own", async () => {
    const { client, headers } = await clientOf(wire, newId());
    const strange = client.watchMessages({ resumeToken: "strange" }, { headers });
    expect(reasonOf(await failureOf(first(strange)))).toBe("INVALID_RESUME_TOKEN");
    const admin = await clientOf(wire, newId(), "ADMIN");
    const closed = admin.client.watchMessages({}, { headers: admin.headers });
    expect(reasonOf(await failureOf(first(closed)))).toBe("NOT_ALLOWED");
  });

  test("a stream ends at the deadline of its caller", async () => {
    const { client, headers } = await clientOf(wire, newId());
    const watched = client.watchMessages({}, { headers, timeoutMs: 300 });
    const failure = await failureOf(readAll(watched));
    expect(failure.code).toBe(Code.DeadlineExceeded);
  });

  test("streams end when the service stops, and say so", async () => {
    await using other = await serve();
    const { client, headers } = await clientOf(wire, newId(), "USER", other);
    const stream = client.watchMessages({}, { headers })[Symbol.asyncIterator]();
    await stream.next();
    const ended = failureOf(stream.next());
    const startMs = performance.now();
    await other.running[Symbol.asyncDispose]();
    const failure = await ended;
    expect([failure.code, infoOf(failure).reason]).toEqual([Code.Unavailable, "SHUTTING_DOWN"]);
    expect(performance.now() - startMs).toBeLessThan(10_000); // and not after the grace
  });
});

async function first(stream: AsyncIterable<WatchMessagesResponse>) {
  return stream[Symbol.asyncIterator]().next();
}

async function readAll(stream: AsyncIterable<WatchMessagesResponse>): Promise<void> {
  for await (const { resumeToken } of stream) expect(resumeToken).not.toBe("");
}
