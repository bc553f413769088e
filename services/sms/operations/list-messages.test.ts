import fc from "fast-check";
import { sql } from "kysely";
import { afterAll, describe, expect, test } from "vitest";
import { openConnection } from "#mesh/database/connection.ts";
import { reasonOf } from "#mesh/errors.ts";
import { newId } from "#mesh/ids.ts";
import { MAX_SCANNED_MESSAGES } from "#mesh/limits.ts";
import { testDatabase } from "#mesh/testing/postgres.ts";
import { failureOf } from "#mesh/testing/failure.ts";
import { acceptedAtMs } from "../domain/message-id.ts";
import type { MessageState, TrafficClass } from "../domain/message.ts";
import type { Tables } from "../store/tables.ts";
import { insertMessages, type PlainMessage } from "../testing/insert-messages.ts";
import { idAt } from "../testing/message-ids.ts";
import { recording } from "../testing/recording.ts";
import { usualTerms as terms } from "../testing/usual-terms.ts";
import { listMessages } from "./list-messages.ts";
import { type MessageSearch, searchOf } from "./message-search.ts";

const stack = new AsyncDisposableStack();
const migrations = [new URL("../store/migrations/", import.meta.url)];
const db = stack.use(await testDatabase<Tables>({ migrations }));
const sms = { db, terms };
afterAll(async () => stack.disposeAsync());

const HOUR_MS = 3_600_000;
const nowMs = Date.now();

/** The ids of all pages, each of them at most so large, and whatever happens in between. */
async function pagesOf(search: MessageSearch, pageSize: number, between = async () => {}) {
  const ids: string[] = [];
  for (let pageToken = ""; ;) {
    const page = await listMessages(sms, search, { pageSize, pageToken });
    expect(page.messages.length).toBeLessThanOrEqual(pageSize);
    ids.push(...page.messages.map(({ message }) => message.id));
    pageToken = page.nextPageToken;
    if (pageToken === "") return ids;
    await between();
  }
}

describe("REP-1 any filters and any size of pages", () => {
  const accounts = [newId(), newId()];
  const states: MessageState[] = ["QUEUED", "SENT", "DELIVERED", "FAILED"];
  const classes: TrafficClass[] = ["OTP", "TRANSACTIONAL", "PROMOTIONAL"];
  const messages: (PlainMessage & { receiver: string })[] = Array.from(
    { length: 5000 },
    (_, n) => ({
      id: idAt(nowMs - (n % 24) * HOUR_MS - (n % 7)),
      accountId: accounts[Number(n % 5 === 0)]!,
      receiver: `98912000000${n % 10}`,
      state: states[n % 4]!,
      trafficClass: classes[n % 3]!,
      sender: n % 11 === 0 ? "10001" : "3000505",
      ...(n % 2 === 0 && { clientReference: `order-${n % 6}` }),
      ...(n % 3 === 0 && { tags: [`t${n % 4}`, "all"] }),
    }),
  );

  /** What a list has that goes through all messages one by one. */
  function naive(search: MessageSearch): string[] {
    const fitting = messages.filter((message) => {
      const atMs = acceptedAtMs(message.id);
      return (
        message.accountId === search.accountId &&
        (search.states.length === 0 || search.states.includes(message.state!)) &&
        (search.receiver === "" || `+${message.receiver}` === search.receiver) &&
        atMs >= (search.startMs ?? 0) &&
        atMs < (search.endMs ?? Infinity) &&
        (search.clientReference === "" || message.clientReference === search.clientReference) &&
        (search.sender === "" || message.sender === search.sender) &&
        (search.trafficClass === undefined || message.trafficClass === search.trafficClass) &&
        (search.tag === "" || (message.tags ?? []).includes(search.tag))
      );
    });
    return fitting
      .map(({ id }) => id)
      .toSorted()
      .toReversed();
  }

  const at = fc.integer({ min: nowMs - 28 * HOUR_MS, max: nowMs + HOUR_MS });
  const searches = fc.record<MessageSearch>({
    accountId: fc.constantFrom(...accounts),
    states: fc.subarray(states),
    receiver: fc.oneof(fc.constant(""), fc.constantFrom("+989120000003", "+989120000009")),
    startMs: fc.option(at, { nil: undefined }),
    endMs: fc.option(at, { nil: undefined }),
    clientReference: fc.constantFrom("", "", "order-2", "nothing"),
    sender: fc.constantFrom("", "", "10001"),
    trafficClass: fc.option(fc.constantFrom(...classes), { nil: undefined, freq: 1 }),
    tag: fc.constantFrom("", "", "t0", "all"),
  });

  test("list what a look at every message finds, without a duplicate or a gap", async () => {
    await insertMessages(db, messages);
    const [most] = accounts;
    const strangers = searchOf(most);
    const run = async (search: MessageSearch, pageSize: number) => {
      expect(await pagesOf(search, pageSize)).toEqual(naive(search));
    };
    await run(strangers, 1000);
    const any = fc.asyncProperty(searches, fc.integer({ min: 90, max: 1000 }), run);
    await fc.assert(any, { numRuns: 40 });
  }, 120_000);

  test("everybody's messages are listed together, for whoever may see them", async () => {
    const all = await pagesOf({ ...searchOf(undefined), endMs: nowMs + 1 }, 1000);
    expect(all).toEqual(
      messages
        .map(({ id }) => id)
        .toSorted()
        .toReversed(),
    );
  }, 60_000);
});

test("M33 what is there at the start is listed once, whatever comes in meanwhile", async () => {
  const accountId = newId();
  const old = Array.from({ length: 500 }, (_, n) => idAt(nowMs - n * 1000));
  await insertMessages(
    db,
    old.map((id) => ({ id, accountId })),
  );
  const listed = await pagesOf(searchOf(accountId), 70, async () => {
    await insertMessages(db, [
      { id: newId(), accountId },
      { id: newId(), accountId: newId() },
    ]);
  });
  expect(listed).toEqual(old.toSorted().toReversed());
});

test("the token of another search, of another account and of nobody is refused", async () => {
  const accountId = newId();
  const ids = [newId(), newId()];
  await insertMessages(
    db,
    ids.map((id) => ({ id, accountId })),
  );
  const mine = searchOf(accountId);
  const { nextPageToken: pageToken } = await listMessages(sms, mine, {
    pageSize: 1,
    pageToken: "",
  });
  for (const other of [{ ...mine, tag: "x" }, { ...mine, startMs: 5 }, searchOf(newId())]) {
    const failure = await failureOf(listMessages(sms, other, { pageSize: 1, pageToken }));
    expect(reasonOf(failure)).toBe("INVALID_PAGE_TOKEN");
  }
  const garbage = { pageSize: 1, pageToken: "garbage" };
  expect(reasonOf(await failureOf(listMessages(sms, mine, garbage)))).toBe("INVALID_PAGE_TOKEN");
});

test.each(["0912 345 67 89", "۰۹۱۲۳۴۵۶۷۸۹", "00989123456789", "+98 (912) 345-6789"])(
  "a receiver is found by %s",
  async (receiver) => {
    const [accountId, id] = [newId(), newId()];
    await insertMessages(db, [
      { id, accountId, receiver: "989123456789" },
      { id: newId(), accountId },
    ]);
    expect(await pagesOf({ ...searchOf(accountId), receiver }, 10)).toEqual([id]);
  },
);

test("a receiver is found in a country that nothing is sent to any more", async () => {
  const [accountId, id] = [newId(), newId()];
  await insertMessages(db, [{ id, accountId, receiver: "905321234567" }]);
  expect(await pagesOf({ ...searchOf(accountId), receiver: "+90 532 123 45 67" }, 10)).toEqual([
    id,
  ]);
});

test("what is no number is refused, and a text that no message can have finds none", async () => {
  const search = { ...searchOf(newId()), receiver: "12" };
  const failure = await failureOf(listMessages(sms, search, { pageSize: 1, pageToken: "" }));
  expect(reasonOf(failure)).toBe("INVALID_RECEIVER");
  expect(await pagesOf({ ...searchOf(newId()), tag: "a\0b" }, 10)).toEqual([]);
});

test("a filter that hardly anything fits pages on, and no look is without an end", async () => {
  const accountId = newId();
  const startMs = nowMs - 3 * HOUR_MS;
  const wanted = idAt(startMs);
  await insertMessages(db, [{ id: wanted, accountId, state: "FAILED" }]);
  for (let part = 0; part < 5; part += 1) {
    const ids = Array.from({ length: MAX_SCANNED_MESSAGES / 4 }, (_, n) => idAt(startMs + 1 + n));
    await insertMessages(
      db,
      ids.map((id) => ({ id, accountId })),
    );
  }
  const search: MessageSearch = { ...searchOf(accountId), states: ["FAILED"] };
  const first = await listMessages(sms, search, { pageSize: 10, pageToken: "" });
  expect(first.messages).toEqual([]);
  expect(first.nextPageToken).not.toBe("");
  expect(await pagesOf(search, 10)).toEqual([wanted]);
}, 60_000);

test("the texts of a page come with one look, each to its message", async () => {
  const [accountId, chunkId] = [newId(), newId()];
  const ids = [0, 1, 2].map((n) => idAt(nowMs + n));
  await insertMessages(
    db,
    ids.map((id, n) => ({ id, accountId, content: `own ${n}` })),
  );
  await sql`
    insert into chunk (id, account_id, rate_card, message_ids, texts)
    values (${chunkId}, ${accountId}, 1, ${ids}::uuid[], array['one', 'two'])`.execute(db.sql);
  await sql`
    update message set chunk_id = ${chunkId}, text_number = case id when ${ids[0]} then 0 else 1 end
    where id = any(${ids.slice(0, 2)}::uuid[])`.execute(db.sql);
  await sql`update chunk set texts = '{}' where id = ${ids[2]}`.execute(db.sql);
  const { db: recorded, statements } = recording(db);
  const page = { pageSize: 10, pageToken: "" };
  const { messages } = await listMessages({ db: recorded, terms }, searchOf(accountId), page);
  expect(messages.map(({ content }) => content)).toEqual(["", "two", "one"]);
  expect(statements.filter(({ sql: text }) => /from chunk/.test(text))).toHaveLength(1);
});

test("DATA-1 a page reads no more of an account than it shows, and no day beyond", async () => {
  const accountId = newId();
  const DAY_MS = 24 * HOUR_MS;
  for (const day of [-1, 0, 1, 2]) {
    const middayMs = Math.floor(nowMs / DAY_MS + day) * DAY_MS + 12 * HOUR_MS;
    const ids = Array.from({ length: 1000 }, (_, n) => idAt(middayMs + n));
    await insertMessages(
      db,
      ids.map((id) => ({ id, accountId })),
    );
  }
  await sql`analyze message`.execute(db.sql);
  const { db: recorded, statements } = recording(db);
  const page = { pageSize: 50, pageToken: "" };
  await listMessages({ db: recorded, terms }, searchOf(accountId), page);
  const statement = statements.find(({ sql: text }) => /from message/.test(text))!;
  await using connection = await openConnection({ url: db.url, name: "test" });
  const [row] = await connection.query<{ "QUERY PLAN": [{ Plan: Plan }] }>(
    `explain (analyze, format json) ${statement.sql}`,
    statement.parameters,
  );
  const scans = scansOf(row!["QUERY PLAN"][0].Plan);
  expect(scans.some(({ "Node Type": type }) => type === "Seq Scan")).toBe(false);
  const worked = scans.filter((scan) => scan["Actual Loops"] * scan["Actual Rows"] > 0);
  expect(worked.map((scan) => [scan["Node Type"], scan["Actual Rows"]])).toEqual([
    ["Index Scan", 51],
  ]);
});

type Plan = {
  readonly "Node Type": string;
  readonly "Relation Name"?: string;
  readonly "Actual Rows": number;
  readonly "Actual Loops": number;
  readonly Plans?: readonly Plan[];
};

function scansOf(plan: Plan): Plan[] {
  const below = (plan.Plans ?? []).flatMap(scansOf);
  return plan["Relation Name"] === undefined ? below : [plan, ...below];
}
