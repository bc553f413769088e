import { afterAll, beforeAll, expect, test } from "vitest";
import { openConnection } from "#mesh/database/connection.ts";
import { derivedId } from "#mesh/ids.ts";
import { AccountFlags } from "../../../services/billing/domain/account.ts";
import { TransferFlags } from "../../../services/billing/domain/transfer.ts";
import {
  accountNamed,
  make,
  testBooks,
  testWriter,
  transferOf,
} from "../../../services/billing/testing/test-ledger.ts";
import { checkCrash } from "./check.ts";
import { Outcome } from "./mix.ts";

// The checks of the crash test have to see what is wrong: each of them is shown it once.

const db = await testBooks();
afterAll(async () => db[Symbol.asyncDispose]());

const outcomes: Outcome[] = [Outcome.APPLIED, Outcome.APPLIED, Outcome.APPLIED, Outcome.REFUSED];
const numbered = (number: number) => ({
  id: derivedId(`crash/${number}`),
  userData: (number + 1).toString(16).padStart(32, "0"),
});

beforeAll(async () => {
  await using writer = await testWriter(db.url);
  const limited = { flags: AccountFlags.DEBITS_MUST_NOT_EXCEED_CREDITS };
  const accounts = [accountNamed("world"), { ...accountNamed("a"), ...limited }, accountNamed("b")];
  await writer.submit({
    eventCount: 1,
    decide: ({ ledger, atUs }) => ledger.createAccounts(accounts, atUs),
  });
  await make(writer, transferOf("world", "a", { ...numbered(0), amount: 100n }));
  await make(writer, transferOf("a", "b", { ...numbered(1), amount: 60n }));
  const pending = { amount: 30n, flags: TransferFlags.PENDING };
  await make(writer, transferOf("a", "b", { ...numbered(2), ...pending }));
});

/** The sentences that don't hold while something is changed; it is changed back afterwards. */
async function brokenBy(change: string, undo: string, told = outcomes): Promise<string[]> {
  await using owner = await openConnection({ url: db.url, name: "test" });
  await owner.query("set session_replication_role = replica");
  await owner.query(change);
  try {
    const findings = await checkCrash(db.url, told);
    return [...findings].filter(([, found]) => found.length > 0).map(([sentence]) => sentence);
  } finally {
    await owner.query(undo);
  }
}

const nothing = "select 1";

test("books that nothing has happened to hold, whatever is not known of a transfer", async () => {
  expect(await brokenBy(nothing, nothing)).toEqual([]);
  expect(await brokenBy(nothing, nothing, [...outcomes, Outcome.UNKNOWN])).toEqual([]);
});

test.each([
  ["what was acknowledged was applied", [...outcomes.slice(0, 3), Outcome.APPLIED]],
  ["what was refused was not applied", [Outcome.REFUSED, ...outcomes.slice(1)]],
  ["nothing was applied that nobody asked for", outcomes.slice(0, 2)],
])("%s", async (sentence, told) => {
  expect(await brokenBy(nothing, nothing, told)).toContain(sentence);
});

test.each([
  [
    "no transfer was applied twice",
    "update transfer set user_data = '00000000-0000-0000-0000-000000000001' where seq = 2",
    "update transfer set user_data = '00000000-0000-0000-0000-000000000002' where seq = 2",
  ],
  [
    "the sequence has no gap",
    "update transfer set seq = 9 where seq = 3",
    "update transfer set seq = 3 where seq = 9",
  ],
  [
    "debits and credits of every asset are equal",
    "update account set credits_posted = credits_posted + 1 where slot = 3",
    "update account set credits_posted = credits_posted - 1 where slot = 3",
  ],
  [
    "the counters after every row are the fold up to it",
    "update transfer set debit_posted_after = debit_posted_after + 1 where seq = 2",
    "update transfer set debit_posted_after = debit_posted_after - 1 where seq = 2",
  ],
  [
    "no limited account was ever overdrawn",
    "update transfer set amount = 90 where seq = 2",
    "update transfer set amount = 60 where seq = 2",
  ],
  [
    "every balance is the fold of its rows",
    "update account set version = version + 1 where slot = 2",
    "update account set version = version - 1 where slot = 2",
  ],
  [
    "what is pending is what is still open",
    "create table kept as select * from pending_open; delete from pending_open",
    "insert into pending_open select * from kept; drop table kept",
  ],
])("%s", async (sentence, change, undo) => {
  expect(await brokenBy(change, undo)).toContain(sentence);
  expect(await brokenBy(nothing, nothing)).toEqual([]);
});
