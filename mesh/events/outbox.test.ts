import { create } from "@bufbuild/protobuf";
import { StringValueSchema } from "@bufbuild/protobuf/wkt";
import { sql } from "kysely";
import { expect, test, vi } from "vitest";
import { MAX_EVENT_BYTES } from "../limits.ts";
import { testDatabase } from "../testing/postgres.ts";
import { receiveTrace, withTrace } from "../trace.ts";
import { append, onAppend } from "./outbox.ts";
import { bucketToken } from "./subject.ts";

test("append() writes the event under its key's bucket, with the trace of its cause", async () => {
  await using db = await testDatabase();
  const trace = receiveTrace(new Headers());
  const message = create(StringValueSchema, { value: "a" });
  const appended = vi.fn<() => void>();
  using _ = onAppend(appended);
  await withTrace(trace, async () => {
    await append(db.sql, StringValueSchema, message, { key: "user 1", seq: 4 });
  });
  const { rows } = await sql`select * from outbox`.execute(db.sql);
  expect(rows).toMatchObject([
    {
      stream: "GOOGLE_PROTOBUF",
      subject: `google.protobuf.StringValue.${bucketToken("user 1")}`,
      key: "user 1",
      seq: 4,
      stream_offset: null,
      traceparent: expect.stringContaining(trace.traceId),
    },
  ]);
  expect(appended).toHaveBeenCalledOnce();
});

test("append() refuses an event that the broker would not take", async () => {
  await using db = await testDatabase();
  const message = create(StringValueSchema, { value: "a".repeat(MAX_EVENT_BYTES) });
  const appended = append(db.sql, StringValueSchema, message, { key: "a" });
  await expect(appended).rejects.toThrow("bytes are allowed");
});
