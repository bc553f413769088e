import { fromBinary } from "@bufbuild/protobuf";
import { sql } from "kysely";
import { afterAll, expect, test } from "vitest";
import { CallsLoggedSchema } from "#gen/mizan/settlement/v1/events_pb.ts";
import { newId } from "#mesh/ids.ts";
import { testDatabase } from "#mesh/testing/postgres.ts";
import type { Tables } from "../store/tables.ts";
import { logCalls } from "./log-calls.ts";

const migrations = [new URL("../store/migrations/", import.meta.url)];
const db = await testDatabase<Tables>({ migrations });
afterAll(async () => db[Symbol.asyncDispose]());

test("calls leave in one event, in their order, and none makes no event", async () => {
  const entry = {
    method: "mizan.settlement.v1.PayoutService/CreatePayouts",
    principal: "public",
    peer: "sms",
    ip: "",
    code: "PermissionDenied",
    reason: "NOT_ALLOWED",
    durationMs: 2,
    atMs: Date.UTC(2026, 0, 31),
    idempotencyKey: "k",
    objectId: newId(),
  };
  const [first, second] = [newId(), newId()];
  await logCalls({ db }, [
    { ...entry, id: first },
    { ...entry, id: second },
  ]);
  await logCalls({ db }, []);
  const { rows } = await sql<{ subject: string; payload: Uint8Array }>`
    select subject, payload from outbox`.execute(db.sql);
  expect(rows.map(({ subject }) => subject.split(".").slice(0, -1).join("."))).toEqual([
    "mizan.settlement.v1.CallsLogged",
  ]);
  const { atMs, ...told } = entry;
  const callTime = { seconds: BigInt(atMs / 1000), nanos: 0 };
  expect(fromBinary(CallsLoggedSchema, rows[0]!.payload).calls).toMatchObject([
    { ...told, id: first, callTime },
    { ...told, id: second, callTime },
  ]);
});
