import { expect, test } from "vitest";
import { openConnection } from "#mesh/database/connection.ts";
import { hexOf, newId, ZERO_ID } from "#mesh/ids.ts";
import { TransferCodes } from "../domain/chart.ts";
import { type NewRevert, TransferFlags } from "../domain/transfer.ts";
import { findDecided } from "../store/find-decided.ts";
import {
  accountNamed,
  findFaults,
  make,
  open,
  testBooks,
  testWriter,
  transferOf,
} from "../testing/test-ledger.ts";
import { revertTransfer } from "./revert-transfer.ts";

const revertOf = (originalId: string, more: Partial<NewRevert> = {}): NewRevert => {
  return { id: hexOf(newId()), originalId, ...more };
};

test("EXT-3 L16 each of 500 transfers is reverted twice at the same time, and once", async () => {
  await using db = await testBooks();
  await using writer = await testWriter(db.url);
  const names = Array.from({ length: 80 }, (_, number) => `L16 ${number}`);
  await open(writer, ...names);
  const statuses: string[] = [];
  const work = async (worker: number) => {
    for (let turn = 0; turn < 25; turn += 1) {
      const number = 25 * worker + turn;
      const [from, to] = [names[number % 80]!, names[(7 * number + 1) % 80]!];
      const transfer = transferOf(from, from === to ? names[(number + 1) % 80]! : to, {
        amount: BigInt(number + 1),
      });
      await make(writer, transfer);
      const reverts = [revertOf(transfer.id), revertOf(transfer.id)];
      const both = reverts.map(async (revert) => revertTransfer({ db, writer }, revert, {}));
      for (const { status } of await Promise.all(both)) statuses.push(status);
    }
  };
  await Promise.all(Array.from({ length: 20 }, async (_, worker) => work(worker)));
  const count = (wanted: string) => statuses.filter((status) => status === wanted).length;
  expect([count("created"), count("already_reverted")]).toEqual([500, 500]);
  const balances = await writer.submit({
    eventCount: 1,
    decide: ({ ledger }) =>
      names.map((name) => {
        const { creditsPosted, debitsPosted } = ledger.account(accountNamed(name).id)!;
        return creditsPosted - debitsPosted;
      }),
  });
  expect(new Set(balances)).toEqual(new Set([0n]));
  expect(await findFaults(db)).toEqual([]);
});

test("EXT-3 an original and a mirror that memory has forgotten are found in the store", async () => {
  await using db = await testBooks();
  await using writer = await testWriter(db.url, { recentTransfers: 1 });
  await open(writer, "a", "b");
  const [first, other, held] = [
    transferOf("a", "b", { amount: 5n }),
    transferOf("a", "b", { amount: 7n }),
    transferOf("a", "b", { amount: 9n, flags: TransferFlags.PENDING }),
  ];
  const post = { debitAccountId: ZERO_ID, creditAccountId: ZERO_ID, ledger: 0, code: 0 };
  const posted = transferOf("a", "b", {
    ...post,
    pendingId: held.id,
    amount: 2n,
    flags: TransferFlags.POST_PENDING,
  });
  await make(writer, first, other, held, posted);
  const revert = revertOf(first.id, { reference: "a mistake" });
  const unknown = revertOf(hexOf(newId()));
  const statusOf = async (one: NewRevert) => (await revertTransfer({ db, writer }, one, {})).status;
  const forget = async () => {
    for (let round = 0; round < 5; round += 1) await make(writer, transferOf("a", "b"));
  };
  await forget();
  expect(await statusOf(revert)).toBe("created");
  expect(await statusOf(unknown)).toBe("original_not_found");
  await forget();
  const again = await revertTransfer({ db, writer }, revert, {});
  expect(again).toMatchObject({
    status: "exists",
    view: { debitAccountId: accountNamed("b").id, creditAccountId: accountNamed("a").id },
    transfer: { amount: 5n, revertsId: first.id, reference: "a mistake" },
  });
  expect(await statusOf({ ...revert, originalId: other.id })).toBe(
    "exists_with_different_pending_id",
  );
  expect(await statusOf({ ...unknown, originalId: other.id })).toBe("id_already_failed");
  expect(await statusOf(revertOf(first.id))).toBe("already_reverted");
  expect(await statusOf(revertOf(revert.id))).toBe("original_not_revertible");
  expect(await statusOf(revertOf(held.id))).toBe("original_not_revertible");
  expect(await statusOf(revertOf(posted.id))).toBe("created");
  const [copy] = await make(writer, transferOf("b", "a", { id: revert.id, amount: 5n }));
  expect(copy?.status).toBe("exists_with_different_pending_id");
  expect(await findFaults(db)).toEqual([]);
});

test("EXT-3 a refund that was taken back gives nothing back, and leaves no more to refund", async () => {
  await using db = await testBooks();
  await using writer = await testWriter(db.url);
  await open(writer, "payer", "payee");
  const userData = hexOf(newId());
  const hold = transferOf("payer", "payee", {
    amount: 9n,
    userData,
    code: TransferCodes.SMS,
    flags: TransferFlags.PENDING,
  });
  const capture = transferOf("payer", "payee", {
    pendingId: hold.id,
    amount: 9n,
    userData,
    code: TransferCodes.SMS,
    flags: TransferFlags.POST_PENDING,
  });
  const refund = transferOf("payee", "payer", {
    amount: 4n,
    userData,
    code: TransferCodes.SMS_REFUND,
  });
  await make(writer, hold, capture, refund);
  expect((await revertTransfer({ db, writer }, revertOf(refund.id), {})).status).toBe("created");
  await using reader = await openConnection({ url: db.url, name: "test" });
  const { transfers } = await findDecided(reader, [capture.id]);
  expect(transfers).toMatchObject([{ amount: 9n, refunded: 4n }]);
});
