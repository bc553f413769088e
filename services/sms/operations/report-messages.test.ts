import { sql } from "kysely";
import { afterAll, expect, test } from "vitest";
import { reasonOf } from "#mesh/errors.ts";
import { newId } from "#mesh/ids.ts";
import { MAX_REPORTED_MESSAGES, REPORT_PAGE_MESSAGES } from "#mesh/limits.ts";
import { failureOf } from "#mesh/testing/failure.ts";
import { testDatabase } from "#mesh/testing/postgres.ts";
import { firstIdAt } from "../domain/message-id.ts";
import type { Tables } from "../store/tables.ts";
import { insertMessages } from "../testing/insert-messages.ts";
import { idAt } from "../testing/message-ids.ts";
import { usualTerms as terms } from "../testing/usual-terms.ts";
import { searchOf } from "./message-search.ts";
import { reportMessages } from "./report-messages.ts";

const stack = new AsyncDisposableStack();
const migrations = [new URL("../store/migrations/", import.meta.url)];
const db = stack.use(await testDatabase<Tables>({ migrations }));
afterAll(async () => stack.disposeAsync());

test("a report has the newest messages up to a bound, and no page beyond them", async () => {
  const [accountId, nowMs] = [newId(), Date.now()];
  const prefix = firstIdAt(nowMs - 1000).slice(0, 24);
  await sql`
    insert into message (id, chunk_id, account_id, price, expires_at, lane, traffic_class, encoding,
      text_number, segments, receiver, sender, operator)
    select (${prefix}::text || lpad(to_hex(n), 12, '0'))::uuid, ${accountId}, ${accountId}, 1, now(),
      'BULK', 'OTP', 'GSM7', 0, 1, '', '', ''
    from generate_series(1, ${MAX_REPORTED_MESSAGES}::int) as n`.execute(db.sql);
  const newest = idAt(nowMs);
  await insertMessages(db, [{ id: newest, accountId }]);
  const search = searchOf(accountId);
  const first = await reportMessages({ db, terms }, search, 1);
  const lastPage = MAX_REPORTED_MESSAGES / REPORT_PAGE_MESSAGES;
  expect(first).toMatchObject({ count: MAX_REPORTED_MESSAGES, lastPage });
  expect(first.messages[0]?.message.id).toBe(newest);
  const last = await reportMessages({ db, terms }, search, lastPage);
  expect(last.messages).toHaveLength(REPORT_PAGE_MESSAGES);
  const failure = await failureOf(reportMessages({ db, terms }, search, lastPage + 1));
  expect(reasonOf(failure)).toBe("PAGE_NOT_FOUND");
}, 30_000);
