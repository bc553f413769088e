import { expect, test } from "vitest";
import { openConnection } from "#mesh/database/connection.ts";
import { ZERO_ID } from "#mesh/ids.ts";
import { type NewTransfer, TransferFlags } from "../domain/transfer.ts";
import {
  countersOf,
  findFaults,
  make,
  open,
  testBooks,
  testWriter,
  transferOf,
} from "../testing/test-ledger.ts";
import type { Writer } from "../writer/writer.ts";

const DAY_US = 24 * 3600 * 1_000_000;

/** Makes transfers some days from now; those that are made afterwards are not earlier. */
async function makeIn(days: number, writer: Writer, ...events: readonly NewTransfer[]) {
  return writer.submit({
    eventCount: events.length,
    ids: events,
    decide: ({ ledger, atUs }) => ledger.createTransfers(events, atUs + days * DAY_US),
  });
}

/** A writer that remembers next to nothing. */
const forgetful = async (url: string) => testWriter(url, { recentTransfers: 1 });

const ending = { debitAccountId: ZERO_ID, creditAccountId: ZERO_ID, ledger: 0, code: 0 };
const post = { ...ending, flags: TransferFlags.POST_PENDING };
const pendingOf = (amount: bigint) =>
  transferOf("a", "b", { amount, flags: TransferFlags.PENDING });

test("L17 an id that was used in another month is still used, by a transfer or by a refusal", async () => {
  await using db = await testBooks();
  await using writer = await forgetful(db.url);
  await open(writer, "a", "b");
  const [old, burned] = [transferOf("a", "b", { amount: 3n }), transferOf("a", "nobody")];
  await make(writer, old, burned);
  for (let round = 0; round < 5; round += 1) await makeIn(40, writer, transferOf("a", "b"));
  await using again = await forgetful(db.url); // knows nothing but what is stored
  const [same, other, refused] = await make(again, old, { ...old, amount: 4n }, burned);
  expect(same).toMatchObject({ status: "exists", transfer: { seq: 1, amount: 3n } });
  expect(other!.status).toBe("exists_with_different_amount");
  expect(refused!.status).toBe("id_already_failed");
  await using connection = await openConnection({ url: db.url, name: "test" });
  const months = await connection.query("select distinct tableoid from transfer");
  expect(months).toHaveLength(2);
  expect(await findFaults(db)).toEqual([]);
});

test("L17 a pending transfer of another month is resolved once", async () => {
  await using db = await testBooks();
  const [posted, left] = [pendingOf(5n), pendingOf(7n)];
  const first = transferOf("a", "b", { ...post, pendingId: posted.id, amount: 2n });
  {
    await using writer = await forgetful(db.url);
    await open(writer, "a", "b");
    await make(writer, posted, left);
    expect((await makeIn(40, writer, first))[0]!.status).toBe("created");
    for (let round = 0; round < 5; round += 1) await makeIn(80, writer, transferOf("a", "b"));
  }
  await using writer = await forgetful(db.url);
  const second = transferOf("a", "b", { ...post, pendingId: posted.id, amount: 2n });
  const late = transferOf("a", "b", { ...post, pendingId: left.id, amount: 7n });
  const results = await make(writer, second, first, posted, late);
  expect(results.map(({ status }) => status)).toEqual([
    "pending_transfer_already_posted",
    "exists",
    "exists",
    "created",
  ]);
  expect(await countersOf(writer, "a")).toMatchObject({ debitsPending: 0n, debitsPosted: 14n });
  expect(await findFaults(db)).toEqual([]);
});

test("TRF-3 the database resolves no pending transfer twice, whatever the writer thinks", async () => {
  await using db = await testBooks();
  await using writer = await forgetful(db.url);
  await open(writer, "a", "b");
  const pending = pendingOf(5n);
  await make(writer, pending);
  await using owner = await openConnection({ url: db.url, name: "test" });
  await owner.query("delete from pending_open"); // as if it was resolved by somebody else
  const late = make(writer, transferOf("a", "b", { ...post, pendingId: pending.id, amount: 5n }));
  await expect(late).rejects.toThrow();
  const rows = await owner.query("select from transfer where pending_at_us is not null");
  expect(rows).toEqual([]);
});

test("a month that is not needed yet is made later when the table is locked", async () => {
  await using db = await testBooks();
  await using writer = await forgetful(db.url);
  await using other = await openConnection({ url: db.url, name: "test" });
  const end = async () => {
    const [row] = await other.query<{ end_us: number }>(
      "select months_until_us as end_us from ledger_shard",
    );
    return row!.end_us;
  };
  await open(writer, "a", "b");
  const endUs = await end();
  await other.query("begin");
  await other.query("lock table only transfer in share update exclusive mode"); // as analyze does
  const days = Math.floor((endUs - Date.now() * 1000) / DAY_US) - 1;
  const [early] = await makeIn(days, writer, transferOf("a", "b"));
  expect(early!.status).toBe("created");
  expect(await end()).toBe(endUs);
  await other.query("commit");
  await make(writer, transferOf("a", "b"));
  expect(await end()).toBeGreaterThan(endUs);
  const [late] = await makeIn(days + 5, writer, transferOf("a", "b"));
  expect(late!.status).toBe("created");
  expect(await findFaults(db)).toEqual([]);
}, 20_000);

test("months are made by the commits that need them, however far ahead, and none is left out", async () => {
  await using db = await testBooks();
  await using writer = await forgetful(db.url);
  await open(writer, "a", "b");
  await make(writer, transferOf("a", "b", { amount: 1n }));
  const [result] = await makeIn(14 * 31, writer, transferOf("a", "b", { amount: 2n }));
  expect(result).toMatchObject({ status: "created", debit: { debitsPosted: 3n } });
  await using connection = await openConnection({ url: db.url, name: "test" });
  const months = await connection.query<{ bounds: string }>(
    `select pg_get_expr(relpartbound, oid) as bounds from pg_class
      where relispartition and relname ~ '^transfer_\\d{4}_\\d{2}$' order by relname`,
  );
  const bounds = months.map(({ bounds: text }) => [...text.matchAll(/\d+/g)].map(Number));
  expect(bounds.length).toBeGreaterThan(14);
  const [starts, ends] = [bounds.map(([from]) => from), bounds.map(([, to]) => to)];
  expect(starts.slice(1)).toEqual(ends.slice(0, -1));
  for (const begin of starts) {
    expect(new Date(begin! / 1000).toISOString()).toMatch(/-01T00:00:00.000Z$/);
  }
  expect(await findFaults(db)).toEqual([]);
});
