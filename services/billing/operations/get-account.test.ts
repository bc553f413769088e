import { expect, test } from "vitest";
import { reasonOf } from "#mesh/errors.ts";
import { MAX_TOLD_PENDINGS } from "#mesh/limits.ts";
import {
  accountNamed,
  make,
  open,
  testBooks,
  testWriter,
  transferOf,
} from "../testing/test-ledger.ts";
import { getAccount } from "./get-account.ts";

const { id } = accountNamed("a");
const hold = { flags: 2, amount: 5n };

test("EXT-4 an account comes with its open holds of either side, as of one seq", async () => {
  await using db = await testBooks();
  await using writer = await testWriter(db.url);
  await open(writer, "a", "b", "c");
  const [first, second, incoming] = [
    transferOf("a", "b", hold),
    transferOf("a", "c", { ...hold, reference: "why" }),
    transferOf("b", "a", hold),
  ];
  const foreign = transferOf("b", "c", hold);
  const post = transferOf("a", "b", { pendingId: first.id, flags: 4, amount: 2n });
  await make(writer, first, second, incoming, foreign, post);
  const found = await getAccount({ writer }, id, {});
  expect(found).toMatchObject({
    account: { id, debitsPending: 5n, debitsPosted: 2n, creditsPending: 5n, version: 4 },
    asOfSeq: 5,
    openPendingCount: 2,
  });
  expect(found.openPendings).toMatchObject([
    { transfer: { id: second.id, reference: "why" }, creditAccountId: accountNamed("c").id },
    { transfer: { id: incoming.id }, debitAccountId: accountNamed("b").id, creditAccountId: id },
  ]);
});

test("EXT-4 a hold that has expired is never shown, and one that ends later stays as it was told", async () => {
  await using db = await testBooks();
  let aheadMs = 0;
  const clock = { nowMs: Date.now, monotonicMs: () => performance.now() + aheadMs };
  await using writer = await testWriter(db.url, { clock });
  await open(writer, "a", "b");
  const lasting = transferOf("a", "b", hold);
  await make(writer, transferOf("a", "b", { ...hold, timeoutSeconds: 1 }), lasting);
  expect((await getAccount({ writer }, id, {})).openPendingCount).toBe(2);
  aheadMs += 2000;
  const [told] = await Promise.all([
    getAccount({ writer }, id, {}),
    make(writer, transferOf("a", "b", { pendingId: lasting.id, flags: 8, amount: 0n })),
  ]);
  expect(told).toMatchObject({ asOfSeq: 3, openPendingCount: 1, account: { debitsPending: 5n } });
  expect(told.openPendings).toHaveLength(1);
  expect(told.openPendings[0]!.transfer.resolution).toBeUndefined();
});

test("EXT-4 of very many holds the oldest are told, and how many there are, after a restart too", async () => {
  await using db = await testBooks();
  await using first = await testWriter(db.url);
  await open(first, "a", "b");
  const holds = Array.from({ length: MAX_TOLD_PENDINGS + 5 }, () => transferOf("a", "b", hold));
  await make(first, ...holds);
  await make(first, transferOf("a", "b", { pendingId: holds[0]!.id, flags: 8, amount: 0n }));
  const before = await getAccount({ writer: first }, id, {});
  const ids = before.openPendings.map(({ transfer }) => transfer.id);
  expect(ids).toEqual(holds.slice(1, MAX_TOLD_PENDINGS + 1).map((one) => one.id));
  expect(before.openPendingCount).toBe(MAX_TOLD_PENDINGS + 4);
  await first[Symbol.asyncDispose]();
  await using second = await testWriter(db.url);
  expect(await getAccount({ writer: second }, id, {})).toEqual(before);
});

test("an account that nobody has opened is not found", async () => {
  await using db = await testBooks();
  await using writer = await testWriter(db.url);
  const refusal = await getAccount({ writer }, id, {}).catch((error: unknown) => error);
  expect(reasonOf(refusal)).toBe("ACCOUNT_NOT_FOUND");
});
