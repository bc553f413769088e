import { expect, test } from "vitest";
import { openConnection } from "#mesh/database/connection.ts";
import { derivedId } from "#mesh/ids.ts";
import { LOAD_CHUNK_ROWS, MAX_BATCH_EVENTS } from "#mesh/limits.ts";
import { AccountFlags } from "../domain/account.ts";
import { type Ledger, ledgerOf } from "../domain/ledger.ts";
import { TransferFlags } from "../domain/transfer.ts";
import {
  accountNamed,
  make,
  open,
  testBooks,
  testWriter,
  transferOf,
} from "../testing/test-ledger.ts";
import { loadMemory } from "./load-memory.ts";
import type { Writer } from "./writer.ts";

const owners = Array.from({ length: 400 }, (_, at) => derivedId(`owner/${at}`));

/** So many accounts that they come in several parts, of owners who have some in several of them. */
const crowd = Array.from({ length: LOAD_CHUNK_ROWS + 500 }, (_, at) => ({
  ...accountNamed(`crowd ${at}`),
  userData: owners[(at * 7) % owners.length]!,
  ledger: 1 + (at % 2),
  code: 1 + (at % 700),
  flags: at % 3 === 0 ? AccountFlags.CREDITS_MUST_NOT_EXCEED_DEBITS : 0,
}));

/** All that a ledger knows of its accounts. */
function shownOf(ledger: Ledger, slots: number) {
  return Array.from({ length: slots + 1 }, (_, slot) => {
    const account = ledger.bySlot(slot);
    if (account === undefined) return undefined;
    const siblings = ledger.accountsOf(account.userData);
    return {
      account: { ...account },
      isFound: ledger.account(account.id) === account,
      siblings: siblings.length < 100 ? siblings.map((sibling) => sibling.slot) : siblings.length,
      pendings: ledger.openPendingsOf(slot, 100).rows.map(({ seq }) => seq),
    };
  });
}

const slots = crowd.length + 3;

async function shownBy(writer: Writer) {
  return writer.submit({ eventCount: 1, decide: ({ ledger }) => shownOf(ledger, slots) });
}

async function openAll(writer: Writer, events: typeof crowd) {
  for (let at = 0; at < events.length; at += MAX_BATCH_EVENTS) {
    const part = events.slice(at, at + MAX_BATCH_EVENTS);
    const decide = ({ ledger, atUs }: { ledger: Ledger; atUs: number }) =>
      ledger.createAccounts(part, atUs);
    await writer.submit({ eventCount: part.length, decide });
  }
}

test("WR-7 a ledger that is loaded from the store equals the one that wrote it", async () => {
  await using db = await testBooks();
  await using connection = await openConnection({ url: db.url, name: "test" });
  await using writer = await testWriter(db.url);
  await open(writer, "a", "b", "c");
  await openAll(writer, crowd);
  const closing = TransferFlags.PENDING | TransferFlags.CLOSING_DEBIT;
  const results = await make(
    writer,
    transferOf("a", "b", { amount: 2n ** 100n }),
    transferOf("b", `crowd ${LOAD_CHUNK_ROWS}`, { amount: 2n ** 64n }),
    transferOf("crowd 10", "crowd 20", { amount: 2n ** 53n + 1n, code: 3 }),
    transferOf("crowd 30", "a", { amount: 5n, flags: TransferFlags.PENDING }),
    transferOf("c", "a", { amount: 7n, flags: closing }),
  );
  expect(new Set(results.map(({ status }) => status))).toEqual(new Set(["created"]));
  const written = await shownBy(writer);
  expect(written[3]!.account.flags).toBe(AccountFlags.CLOSED);
  const loaded = ledgerOf(await loadMemory(connection, { shard: 0 }));
  expect(shownOf(loaded, slots)).toEqual(written);
  expect(loaded.account(derivedId("nobody"))).toBeUndefined();
  expect(loaded.accountsOf(derivedId("nobody"))).toEqual([]);
  expect([loaded.bySlot(0), loaded.bySlot(slots + 1)]).toEqual([undefined, undefined]);
});

test("WR-7 nothing is loaded when an account is missing", async () => {
  await using db = await testBooks();
  await using connection = await openConnection({ url: db.url, name: "test" });
  {
    await using writer = await testWriter(db.url);
    await open(writer, "a", "b", "c");
  }
  await connection.query("delete from account where slot = 2");
  await expect(loadMemory(connection, { shard: 0 })).rejects.toThrow("there are 2 accounts");
});
