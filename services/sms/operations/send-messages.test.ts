import { sql } from "kysely";
import fc from "fast-check";
import { expect, test } from "vitest";
import { newId } from "#mesh/ids.ts";
import { createAccept } from "../accept/accept.ts";
import { changesOf, countsOf, findFaults, pointersOf } from "../testing/state-of-sms.ts";
import { callOf, testSms, wasReplayed } from "../testing/test-sms.ts";
import { textOf } from "../testing/text-of.ts";
import type { TextToSend } from "./prepare-text.ts";
import { sendMessages } from "./send-messages.ts";

/** Sms with a new account for each call that wants one. */
async function testSenders() {
  const world = await testSms();
  const { sms, ledger } = world;
  const accept = createAccept(sms);
  const newAccount = (amount: bigint) => {
    const accountId = newId();
    ledger.charge(accountId, amount);
    return accountId;
  };
  const send = async (
    accountId: string,
    texts: readonly Partial<TextToSend>[],
    { allowDuplicates = false, ...call }: { allowDuplicates?: boolean; key?: string } = {},
  ) => {
    const made = callOf(accountId, { method: "SendMessages", ...call });
    const batch = { texts: texts.map(textOf), allowDuplicates };
    const answer = await sendMessages(sms, accept, batch, made);
    return { answer, isReplay: wasReplayed(made) };
  };
  return { ...world, newAccount, send };
}

const numberOf = (index: number) => `0912${String(1_000_000 + index)}`;
const reasonsOf = ({ answer }: Awaited<ReturnType<Sender>>) =>
  answer.results.map(({ error, messageId }) => error?.reason ?? (messageId === "" ? "?" : "OK"));
type Sender = Awaited<ReturnType<typeof testSenders>>["send"];

test("M28 of a thousand texts the 990 good ones go, and ten come back with their places", async () => {
  await using world = await testSenders();
  const { sms, ledger, newAccount, send } = world;
  const accountId = newAccount(1000n * 100_000n);
  const bad = new Set([0, 99, 100, 101, 333, 500, 700, 899, 998, 999]);
  const texts = Array.from({ length: 1000 }, (_, index) => ({
    receiver: bad.has(index) ? "0912345" : numberOf(index),
    content: `text ${index % 3}`,
  }));
  const { answer } = await send(accountId, texts, { key: "batch" });
  expect(answer.results.map(({ index }) => index)).toEqual(texts.map((_, index) => index));
  const refused = answer.results.filter(({ error }) => error !== undefined);
  expect(refused.map(({ index }) => index)).toEqual([...bad]);
  expect(new Set(refused.map(({ error }) => error?.reason))).toEqual(new Set(["INVALID_RECEIVER"]));
  expect(answer).toMatchObject({ accepted: 990, price: { asset: "IRR", amount: "990000.00" } });
  expect(ledger.held(accountId)).toBe(990n * 100_000n);
  expect(await countsOf(sms)).toEqual({ "QUEUED RESERVED": 990 });
  expect(await findFaults(sms)).toEqual([]);
  expect(ledger.calls).toEqual([{ method: "createHolds", items: 10 }]); // MON-7: one a chunk
  expect([...ledger.holds.values()].map(({ reference }) => reference)).toEqual([
    ...Array.from({ length: 9 }, () => "sms ×100"),
    "sms ×90",
  ]);
  expect((await pointersOf(sms)).size).toBe(10);
  expect(await changesOf(sms)).toHaveLength(990);
  const again = await send(accountId, texts, { key: "batch" });
  expect(again).toEqual({ answer, isReplay: true });
});

test("BULK-1 a text that many get is stored once a chunk", async () => {
  await using world = await testSenders();
  const texts = Array.from({ length: 150 }, (_, index) => ({
    receiver: numberOf(index),
    content: index % 2 === 0 ? "even" : "odd",
  }));
  await world.send(world.newAccount(10n ** 9n), texts);
  const { rows } = await sql`select texts, array_length(message_ids, 1) as messages from chunk
    order by id`.execute(world.sms.db.sql);
  expect(rows).toHaveLength(2);
  expect(rows).toEqual(
    expect.arrayContaining([
      { texts: ["even", "odd"], messages: 100 },
      { texts: ["even", "odd"], messages: 50 },
    ]),
  );
});

test("NUM-7 a receiver gets the first good text, in whatever form the number comes", async () => {
  await using world = await testSenders();
  const accountId = world.newAccount(10n ** 9n);
  const texts = [
    { receiver: "09123456789", content: " " },
    { receiver: "+989123456789" },
    { receiver: "0912 345 6789", content: "other" },
    { receiver: "۰۹۱۲۳۴۵۶۷۸۹" },
    { receiver: "09123456780" },
  ];
  const sent = await world.send(accountId, texts);
  const duplicate = "DUPLICATE_RECEIVER";
  expect(reasonsOf(sent)).toEqual(["EMPTY_BODY", "OK", duplicate, duplicate, "OK"]);
  expect(sent.answer.results[3]?.error?.metadata).toEqual({ first_index: "1" });
  const allowed = await world.send(accountId, texts, { allowDuplicates: true });
  expect(reasonsOf(allowed)).toEqual(["EMPTY_BODY", "OK", "OK", "OK", "OK"]);
});

test("a batch where nothing is good is an answer too, and stays the same under its key", async () => {
  await using world = await testSenders();
  const accountId = world.newAccount(0n);
  const texts = [{ receiver: "x" }, { content: "" }, { sender: "999" }];
  const first = await world.send(accountId, texts, { key: "k" });
  expect(reasonsOf(first)).toEqual(["INVALID_RECEIVER", "EMPTY_BODY", "SENDER_NOT_ALLOWED"]);
  expect(first.answer).toMatchObject({ accepted: 0, price: { amount: "0.00" } });
  const again = await world.send(accountId, texts, { key: "k" });
  expect(again).toEqual({ answer: first.answer, isReplay: true });
  expect(world.ledger.calls).toEqual([]);
});

test("IDEM-2 the answer of a batch stays that of its key when the terms have changed", async () => {
  await using world = await testSenders();
  const { sms, newAccount, send } = world;
  const accountId = newAccount(10n ** 9n);
  const { answer } = await send(accountId, [{ receiver: "+989123456789" }], { key: "k" });
  expect(answer.accepted).toBe(1);
  const stricter = { ...sms, terms: { ...sms.terms, countries: ["GB"] } };
  const texts = [textOf({ receiver: "+989123456789" })];
  const call = callOf(accountId, { method: "SendMessages", key: "k" });
  const batch = { texts, allowDuplicates: false };
  expect(await sendMessages(stricter, createAccept(stricter), batch, call)).toEqual(answer);
  expect(wasReplayed(call)).toBe(true);
});

test("what the contract leaves open of a text's fields comes back as the error of that text", async () => {
  await using world = await testSenders();
  const texts = [
    { content: "x".repeat(4097) },
    { clientReference: "x".repeat(65) },
    { clientReference: "a\0b" },
    { tags: Array.from({ length: 11 }, String) },
    { tags: ["a", "a"] },
    { tags: ["x".repeat(33)] },
    { tags: [""] },
    { tags: ["\uD800"] },
    { receiver: "9".repeat(41) },
    { content: "half \uDC00" },
    { content: "nothing \0" },
    { clientReference: "🙂".repeat(64), tags: ["🙂".repeat(32)] },
  ];
  const sent = await world.send(world.newAccount(10n ** 9n), texts);
  expect(reasonsOf(sent)).toEqual([
    ...Array.from({ length: 9 }, () => "INVALID_FIELD"),
    "INVALID_BODY",
    "INVALID_BODY",
    "OK",
  ]);
  expect(sent.answer.results[9]?.error?.metadata).toEqual({ position: "5" });
});

test("MON-3 of a batch that is not covered exactly the affordable ones go, each with its own hold", async () => {
  await using world = await testSenders();
  const { sms, ledger, newAccount, send } = world;
  const accountId = newAccount(230n * 100_000n);
  const texts = Array.from({ length: 320 }, (_, index) => ({ receiver: numberOf(index) }));
  const sent = await send(accountId, texts);
  expect(reasonsOf(sent)).toEqual(
    texts.map((_, index) => (index < 230 ? "OK" : "INSUFFICIENT_FUNDS")),
  );
  expect(sent.answer).toMatchObject({ accepted: 230, price: { amount: "230000.00" } });
  expect([ledger.available(accountId), ledger.held(accountId)]).toEqual([0n, 230n * 100_000n]);
  expect(await countsOf(sms)).toEqual({ "QUEUED RESERVED": 230 });
  expect(await findFaults(sms)).toEqual([]);
  const { rows } = await sql`select array_length(message_ids, 1) as messages, count(*) as chunks
    from chunk group by 1 order by 1`.execute(sms.db.sql);
  expect(rows).toEqual([
    { messages: 1, chunks: 30 },
    { messages: 100, chunks: 2 },
  ]);
});

test("MON-3 for any batch and balance what goes is what single texts in their order would get", async () => {
  await using world = await testSenders();
  const { sms, ledger, newAccount, send, setRates } = world;
  setRates(
    { lane: "EXPRESS", unitPrice: 7n },
    { encoding: "UCS2", unitPrice: 2n },
    { unitPrice: 3n },
  );
  const kinds = fc.constantFrom(
    [{ content: "hello" }, 3n] as const,
    [{ content: "سلام" }, 2n] as const,
    [{ content: "code", isExpress: true }, 7n] as const,
    [{ content: "x".repeat(161) }, 6n] as const,
    [{ content: "x".repeat(161), isExpress: true }, 14n] as const,
  );
  const batches = fc.tuple(
    fc.array(fc.tuple(kinds, fc.integer({ min: 1, max: 120 })), {
      minLength: 1,
      maxLength: 6,
      size: "max",
    }),
    fc.integer({ min: 0, max: 1100 }),
  );
  const property = fc.asyncProperty(batches, async ([runs, permille]) => {
    const kindsOf = runs.flatMap(([kind, count]) => Array.from({ length: count }, () => kind));
    const total = kindsOf.reduce((sum, [, price]) => sum + price, 0n);
    const balance = (total * BigInt(permille)) / 1000n;
    const accountId = newAccount(balance);
    const texts = kindsOf.map(([text], index) => ({ ...text, receiver: numberOf(index) }));
    const sent = await send(accountId, texts);
    const { taken, left } = naive(
      kindsOf.map(([, price]) => price),
      balance,
    );
    expect(reasonsOf(sent)).toEqual(
      taken.map((isTaken) => (isTaken ? "OK" : "INSUFFICIENT_FUNDS")),
    );
    expect([ledger.available(accountId), ledger.held(accountId)]).toEqual([left, balance - left]);
  });
  await fc.assert(property, { numRuns: 50 });
  expect(await findFaults(sms)).toEqual([]);
}, 60_000);

/** One price after the other, each from what the ones before have left. */
function naive(prices: readonly bigint[], balance: bigint) {
  let left = balance;
  const taken = prices.map((price) => {
    if (price > left) return false;
    left -= price;
    return true;
  });
  return { taken, left };
}
