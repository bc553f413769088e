import { fromBinary } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { TransferPostedSchema } from "#gen/mizan/billing/v1/events_pb.ts";
import type { FeedMessage } from "#mesh/events/feed.ts";
import { bytesOf, newId } from "#mesh/ids.ts";
import { MAX_EVENT_TRANSFERS } from "#mesh/limits.ts";
import type { Account } from "../domain/account.ts";
import type { StoredTransfer } from "../domain/transfer.ts";
import type { Billing } from "../context.ts";
import { captureHolds } from "../operations/capture-holds.ts";
import { createHolds } from "../operations/create-holds.ts";
import { charge, newOwner, testBilling } from "../testing/test-billing.ts";
import {
  accountNamed,
  make,
  open,
  testBooks,
  testWriter,
  transferOf,
} from "../testing/test-ledger.ts";
import { createCommits } from "./commits.ts";
import { ledgerFeed } from "./feed.ts";

type TestWriter = Awaited<ReturnType<typeof testWriter>>;
type Fed = Pick<Billing, "db" | "assets"> & { readonly writer: Pick<TestWriter, "commits"> };

const feedsOf = ({ db, writer: { commits }, assets }: Fed) => ({
  fromMemory: ledgerFeed({ shard: 0, db, commits, assets }),
  fromTables: ledgerFeed({ shard: 0, db, commits: createCommits(1), assets }),
});

const eventOf = ({ payload }: FeedMessage) => fromBinary(TransferPostedSchema, payload);

test("A6 the feed from the tables is that from memory, to the byte", async () => {
  await using world = await testBilling();
  const { billing, time } = world;
  const ownerId = await newOwner(billing, "100.00");
  const base = { ownerId, asset: "IRR", reference: "r" };
  const expiresAtUs = (Date.now() + 3_600_000) * 1000;
  const holdOf = (amount: string) => ({ ...base, amount, holdId: newId() });
  const holds = ["1.00", "2.00", "3.00"].map(holdOf);
  await createHolds(billing, { service: "sms", holds }, {});
  await createHolds(billing, { service: "sms", holds: [{ ...holdOf("4.00"), expiresAtUs }] }, {});
  await captureHolds(billing, { service: "sms", holds: [{ holdId: holds[0]!.holdId }] }, {});
  time.aheadMs = 3_700_000;
  await charge(billing, { userId: ownerId, asset: "ETH", amount: "1.5" });
  const { fromMemory, fromTables } = feedsOf(billing);
  const messages = await fromMemory.read(0, 100);
  expect(await fromTables.read(0, 100)).toEqual(messages);
  expect(messages.map(({ firstSeq, seq }) => [firstSeq, seq])).toEqual([
    [1, 1],
    [2, 4],
    [5, 5],
    [6, 6],
    [7, 8],
  ]);
  expect(messages[1]!.id).toBe("ledger/0/1/4");
  const second = await fromMemory.read(1, 1);
  expect([second, await fromTables.read(1, 1)]).toEqual([[messages[1]], [messages[1]]]);
});

test("an event shows the transfers of its commit with their owners", async () => {
  await using world = await testBilling();
  const { billing } = world;
  const ownerId = await newOwner(billing, "12.50");
  const [message] = await feedsOf(billing).fromMemory.read(0, 1);
  expect(eventOf(message!)).toMatchObject({
    shard: 0,
    firstSeq: 1n,
    lastSeq: 1n,
    transfers: [
      {
        kind: 1,
        code: 1,
        amount: { asset: "IRR", amount: "12.50" },
        debit: { code: 700, ownerId: "" },
        credit: { code: 100, ownerId },
        pendingId: new Uint8Array(),
      },
    ],
  });
  expect(message!.atMs).toBeGreaterThan(Date.now() - 60_000);
});

test("an event tells of the accounts opened since the one before, after a restart too", async () => {
  await using db = await testBooks();
  const tellings = async (writer: TestWriter) => {
    const { fromMemory, fromTables } = feedsOf({ db, writer, assets: writer.assets });
    const messages = await fromTables.read(0, 100);
    const last = messages.at(-1)!;
    expect(await fromMemory.read(last.firstSeq - 1, 1)).toEqual([last]);
    return messages.map((message) => eventOf(message).accounts.map(({ accountId }) => accountId));
  };
  const idsOf = (...names: string[]) => names.map((name) => bytesOf(accountNamed(name).id));
  {
    await using writer = await testWriter(db.url);
    await open(writer, "a", "b");
    await make(writer, transferOf("a", "b"));
    await make(writer, transferOf("a", "b"));
    expect(await tellings(writer)).toEqual([idsOf("a", "b"), []]);
    await open(writer, "c");
  }
  await using writer = await testWriter(db.url);
  await open(writer, "d");
  await make(writer, transferOf("a", "b"));
  expect(await tellings(writer)).toEqual([idsOf("a", "b"), [], idsOf("c", "d")]);
});

test("a large commit becomes several events, the same from memory and from the tables", async () => {
  await using world = await testBilling();
  const { billing } = world;
  await open(billing.writer, "a", "b");
  const size = MAX_EVENT_TRANSFERS + 1;
  await make(billing.writer, ...Array.from({ length: size }, () => transferOf("a", "b")));
  const { fromMemory, fromTables } = feedsOf(billing);
  const messages = await fromMemory.read(0, 10);
  expect(messages.map(({ firstSeq, seq }) => [firstSeq, seq])).toEqual([
    [1, MAX_EVENT_TRANSFERS],
    [size, size],
  ]);
  expect(await fromTables.read(0, 10)).toEqual(messages);
  expect(eventOf(messages[1]!).transfers[0]?.debit?.accountId).toEqual(
    bytesOf(accountNamed("a").id),
  );
});

test("a feed tells where it ends, and where a time begins", async () => {
  await using world = await testBilling();
  const { billing } = world;
  const { fromMemory } = feedsOf(billing);
  expect([await fromMemory.last(), await fromMemory.horizon()]).toEqual([0, 0]);
  const userId = await newOwner(billing);
  await charge(billing, { userId });
  await charge(billing, { userId });
  const [, second] = await fromMemory.read(0, 10);
  expect(await fromMemory.last()).toBe(2);
  expect(await fromMemory.since(0)).toEqual({ afterSeq: 0, count: 2 });
  expect(await fromMemory.since(second!.atMs + 1)).toEqual({ afterSeq: 2, count: 0 });
});

test("a listener hears of each commit, until it is disposed of", async () => {
  await using world = await testBilling();
  const { billing } = world;
  const userId = await newOwner(billing);
  let heard = 0;
  {
    using _ = feedsOf(billing).fromMemory.onCommit(() => (heard += 1));
    await charge(billing, { userId });
  }
  await charge(billing, { userId });
  expect(heard).toBe(1);
});

test("memory knows the latest commits, and says when it does not reach back so far", () => {
  const commits = createCommits(3);
  const rows = (...seqs: number[]) => seqs.map((seq) => ({ seq })) as StoredTransfer[];
  const seqsAfter = (seq: number) =>
    commits.after(seq, 2)?.map(({ transfers }) => transfers.map((row) => row.seq));
  const accountOf = () => ({}) as Account;
  expect(seqsAfter(0)).toBeUndefined();
  for (const transfers of [rows(1, 2), rows(3), rows(4), rows()]) {
    commits.add({ epoch: 1, transfers, opened: [], accountOf });
  }
  expect([0, 1, 2, 3, 4].map(seqsAfter)).toEqual([undefined, undefined, [[3], [4]], [[4]], []]);
  commits.clear();
  expect(seqsAfter(4)).toBeUndefined();
});
