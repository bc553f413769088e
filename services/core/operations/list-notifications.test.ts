import { fromBinary } from "@bufbuild/protobuf";
import { sql } from "kysely";
import { NotificationsMadeSchema } from "#gen/mizan/core/v1/events_pb.ts";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { newId } from "#mesh/ids.ts";
import * as events from "../events.ts";
import { callWith, testCore } from "../testing/test-core.ts";
import { listNotifications } from "./list-notifications.ts";
import { registerUser } from "./register-user.ts";

const { core, ...rest } = await testCore();
afterAll(async () => rest[Symbol.asyncDispose]());

let personId: string;
let people = 0;

beforeEach(async () => {
  people += 1;
  const names = { username: `person-${people}`, email: "", phoneNumber: "" };
  const request = { ...names, requestId: "", password: "blue tea pot 7" };
  personId = (await registerUser(core, request, callWith())).user!.id;
});

const atMs = Date.UTC(2026, 10, 1);

async function tell(...times: number[]): Promise<void> {
  const notifications = times.map((time) => ({
    id: newId(),
    personId,
    type: "WELCOME" as const,
    values: {},
    createdAtMs: atMs + time,
  }));
  await events.tell(core.db.sql, notifications);
}

async function told(pageSize = 0, pageToken = "") {
  return listNotifications(core, personId, { pageSize, pageToken });
}

describe("listNotifications()", () => {
  test("pages hold all, newest first, each once, while new ones come", async () => {
    await tell(1, 5, 3, 3, 4, 2, 3);
    const seen: number[] = [];
    let pageToken = "";
    do {
      const page = await told(2, pageToken);
      seen.push(...page.notifications.map(({ createdAtMs }) => createdAtMs - atMs));
      pageToken = page.nextPageToken;
      await tell(100);
    } while (pageToken !== "");
    expect(seen).toEqual([5, 4, 3, 3, 3, 2, 1]);
  });

  test("O1 an event tells those who are connected of all that was made, and of nothing else", async () => {
    const notification = {
      id: newId(),
      personId,
      type: "ACCOUNT_CHARGED" as const,
      createdAtMs: atMs,
    };
    const charged = { ...notification, values: { amount: "5", asset: "IRR" } };
    const strange = { ...charged, id: newId(), personId: newId() };
    const other = { ...charged, id: newId() };
    await events.tell(core.db.sql, [charged, strange]);
    await events.tell(core.db.sql, [charged, other]);
    await events.tell(core.db.sql, [charged]);
    const { rows } = await sql<{ payload: Buffer }>`
      select payload from outbox where key = 'notifications' order by id desc limit 2`.execute(
      core.db.sql,
    );
    const made = rows.map(({ payload }) => fromBinary(NotificationsMadeSchema, payload));
    expect(made.map(({ notifications }) => notifications)).toMatchObject([
      [{ userId: personId, notification: { id: other.id } }],
      [
        {
          userId: personId,
          notification: { id: charged.id, text: "5 IRR were added to your account." },
        },
      ],
    ]);
  });

  test("S7 nobody sees what others are told", async () => {
    await tell(1);
    const other = await listNotifications(core, newId(), { pageSize: 0, pageToken: "" });
    expect(other.notifications).toEqual([]);
  });

  test.each(["x", "e30", "💥"])("the page token %j is refused", async (pageToken) => {
    await expect(told(0, pageToken)).rejects.toThrow("not one of this list");
  });
});
