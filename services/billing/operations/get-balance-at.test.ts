import fc from "fast-check";
import { expect, test } from "vitest";
import { derivedId, newId } from "#mesh/ids.ts";
import { reasonOf } from "#mesh/errors.ts";
import type { Billing } from "../context.ts";
import type { Id } from "../domain/account.ts";
import { naiveBooks, readRows, toBalances } from "../testing/naive-books.ts";
import { batches, happen, twoWallets } from "../testing/random-wallets.ts";
import { accountNamed, make, open, transferOf } from "../testing/test-ledger.ts";
import { newOwner, testBilling } from "../testing/test-billing.ts";
import { getBalanceAt, type When } from "./get-balance-at.ts";

const refusalOf = async (billing: Billing, accountId: Id, when: When) =>
  reasonOf(await getBalanceAt(billing, { accountId, when }, {}).catch((error: unknown) => error));

const nowOf = async ({ writer }: Billing) =>
  writer.submit({ eventCount: 1, decide: ({ ledger, atUs }) => Math.max(atUs, ledger.lastAtUs) });

test("L17 EXT-5 the balance at any seq, and at any time, is the fold of the rows up to it", async () => {
  await using world = await testBilling();
  const { billing } = world;
  const [all] = fc.sample(batches, { numRuns: 1, seed: 11 });
  const { names } = await twoWallets(billing);
  await happen(world, names, all!, 20);
  const rows = await readRows(billing.db);
  expect(rows.length).toBeGreaterThan(40);
  const accounts = Object.values(names);
  const slots = await billing.writer.submit({
    eventCount: 1,
    decide: ({ ledger }) => accounts.map((id) => ledger.account(id)!.slot),
  });
  const books = naiveBooks();
  for (const seq of [0, ...rows.map((row) => row.seq)]) {
    const row = rows[seq - 1];
    if (row !== undefined) books.apply(row);
    const whens: When[] = row === undefined ? [{ seq }] : [{ seq }, { atUs: row.at_us }];
    for (const when of whens) {
      const found = await Promise.all(
        accounts.map(async (accountId) => getBalanceAt(billing, { accountId, when }, {})),
      );
      const expected = slots.map((slot) => {
        return { ledger: 1, balances: toBalances(books.of(slot)), asOfSeq: seq };
      });
      expect(found).toEqual(expected);
    }
  }
});

test("EXT-5 a moment between two transfers has what the first one left", async () => {
  await using world = await testBilling();
  const { billing } = world;
  await open(billing.writer, "a", "b");
  await make(billing.writer, transferOf("a", "b", { amount: 3n }));
  world.time.aheadMs += 5000;
  await make(billing.writer, transferOf("a", "b", { amount: 4n }));
  const [first, second] = await readRows(billing.db);
  const between = Math.floor((first!.at_us + second!.at_us) / 2);
  const accountId = accountNamed("b").id;
  const found = await getBalanceAt(billing, { accountId, when: { atUs: between } }, {});
  expect(found).toMatchObject({ asOfSeq: 1, balances: { creditsPosted: 3n, version: 1 } });
});

test("EXT-5 a time before the account was there is no empty answer but an error", async () => {
  await using world = await testBilling();
  const { billing } = world;
  await open(billing.writer, "a", "b");
  const beforeUs = await nowOf(billing);
  await make(billing.writer, transferOf("a", "b"), transferOf("a", "b"));
  world.time.aheadMs += 1000;
  await open(billing.writer, "late");
  const late = accountNamed("late").id;
  expect(await refusalOf(billing, late, { atUs: beforeUs })).toBe("BEFORE_ACCOUNT");
  expect(await refusalOf(billing, late, { atUs: 0 })).toBe("BEFORE_ACCOUNT");
  expect(await refusalOf(billing, late, { seq: 1 })).toBe("BEFORE_ACCOUNT");
  const { balances } = await getBalanceAt(billing, { accountId: late, when: { seq: 2 } }, {});
  expect(balances).toMatchObject({ creditsPosted: 0n, version: 0 });
});

test("EXT-5 what is not over yet is not told, and neither is what nobody has opened", async () => {
  await using world = await testBilling();
  const { billing } = world;
  await open(billing.writer, "a", "b");
  await make(billing.writer, transferOf("a", "b"));
  const { id } = accountNamed("a");
  const soonUs = (await nowOf(billing)) + 3_600_000_000;
  expect(await refusalOf(billing, id, { atUs: soonUs })).toBe("IN_THE_FUTURE");
  expect(await refusalOf(billing, id, { seq: 2 })).toBe("IN_THE_FUTURE");
  expect(await refusalOf(billing, id, { seq: Number(1n << 60n) })).toBe("IN_THE_FUTURE");
  const unknown = derivedId(newId());
  expect(await refusalOf(billing, unknown, { seq: 1 })).toBe("ACCOUNT_NOT_FOUND");
  await newOwner(billing);
  expect(await refusalOf(billing, id, { seq: 1 })).toBeUndefined();
});

test("EXT-4 EXT-5 what is due by then has expired before the balance is told", async () => {
  await using world = await testBilling();
  const { billing } = world;
  await open(billing.writer, "a", "b");
  await make(billing.writer, transferOf("a", "b", { amount: 5n, flags: 2, timeoutSeconds: 1 }));
  const accountId = accountNamed("a").id;
  const held = await getBalanceAt(billing, { accountId, when: { seq: 1 } }, {});
  world.time.aheadMs += 3000;
  const freed = await getBalanceAt(billing, { accountId, when: { seq: 2 } }, {});
  expect([held.balances.debitsPending, freed.balances.debitsPending]).toEqual([5n, 0n]);
});
