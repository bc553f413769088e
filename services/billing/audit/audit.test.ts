import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openConnection } from "#mesh/database/connection.ts";
import { derivedId, hexOf, newId, ZERO_ID } from "#mesh/ids.ts";
import { AccountFlags, type Id } from "../domain/account.ts";
import type { Fault } from "../domain/fold/fault.ts";
import {
  type NewTransfer,
  type StoredTransfer,
  TransferFlags,
  TransferKinds,
} from "../domain/transfer.ts";
import { accountNamed, make, testBooks, testWriter, transferOf } from "../testing/test-ledger.ts";
import { tamper } from "../testing/test-seal.ts";
import type { Writer } from "../writer/writer.ts";
import type { CustodySource } from "./custody.ts";
import { createPace } from "./pace.ts";
import { runPass } from "./run-pass.ts";

const accountCount = 50;
const rowCount = 10_000;

/** Numbers that look random and are the same on every run (mulberry32). */
function createRandom(seed: number) {
  let state = seed;
  return (options: number): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % options;
  };
}

type Random = (options: number) => number;

function randomTransfer(rows: readonly StoredTransfer[], random: Random): NewTransfer {
  const debit = random(accountCount);
  const credit = (debit + 1 + random(accountCount - 1)) % accountCount;
  const pending = rows.at(-1 - random(Math.min(rows.length, 400)));
  const kind = random(10);
  if (kind < 4 && pending !== undefined) {
    const isVoid = kind === 0;
    const flags = isVoid ? TransferFlags.VOID_PENDING : TransferFlags.POST_PENDING;
    const amount = isVoid ? 0n : pending.amount / BigInt(1 + random(2));
    const none = { debitAccountId: ZERO_ID, creditAccountId: ZERO_ID, ledger: 0, code: 0 };
    return transferOf("", "", { ...none, amount, flags, pendingId: pending.id });
  }
  const isPending = kind < 8;
  return transferOf(`A${debit}`, `A${credit}`, {
    amount: BigInt(random(1000)) * 10n ** BigInt(random(4) * 5), // of all sizes
    flags: isPending ? TransferFlags.PENDING : 0,
    timeoutSeconds: isPending ? random(20) : 0,
  });
}

/** Has the real writer make random transfers, posts, voids and expiries until there are enough. */
async function randomBooks() {
  await using stack = new AsyncDisposableStack();
  const db = stack.use(await testBooks());
  const random = createRandom(17);
  const time = { aheadMs: 0 };
  const clock = { nowMs: Date.now, monotonicMs: () => performance.now() + time.aheadMs };
  await using writer = await testWriter(db.url, { clock });
  const accounts = Array.from({ length: accountCount }, (_, index) => {
    const flags = index % 4 === 3 ? AccountFlags.DEBITS_MUST_NOT_EXCEED_CREDITS : 0;
    return { ...accountNamed(`A${index}`), flags };
  });
  await writer.submit({
    eventCount: accounts.length,
    decide: ({ ledger, atUs }) => ledger.createAccounts(accounts, atUs),
  });
  const rows: StoredTransfer[] = [];
  for (let batch = 1; (rows.at(-1)?.seq ?? 0) < rowCount; batch += 1) {
    time.aheadMs += batch * 200; // since the commit before it is the database's own time again
    const events = Array.from({ length: 50 }, () => randomTransfer(rows, random));
    for (const { transfer } of await make(writer, ...events)) if (transfer) rows.push(transfer);
    await revert(writer, rows.at(-1 - random(rows.length))!.id);
  }
  const superuser = stack.use(await openConnection({ url: db.url, name: "superuser" }));
  const open = stack.move();
  return { db, superuser, [Symbol.asyncDispose]: async () => open.disposeAsync() };
}

/** Takes something back, if that can be. */
async function revert(writer: Writer, originalId: Id): Promise<void> {
  const order = { id: hexOf(newId()), originalId };
  await writer.submit({
    eventCount: 1,
    ids: [{ id: order.id, pendingId: originalId }],
    decide: ({ ledger, atUs }) => ledger.revert(order, atUs),
  });
}

const books = await randomBooks();
const { superuser } = books;
afterAll(async () => books[Symbol.asyncDispose]());

async function audit(custody: readonly CustodySource[] = []) {
  const faults: Fault[] = [];
  const pace = createPace(() => true, new AbortController().signal);
  const report = (fault: Fault) => void faults.push(fault);
  const means = { connection: superuser, shard: 0, pace, custody };
  const remade = await runPass(means, { report, between: async () => {} });
  return { remade, faults };
}

test("L17 versions are +1 without gaps, and the fold is what accounts and after-columns are", async () => {
  const { remade, faults } = await audit();
  expect(faults).toEqual([]);
  const [counts] = await superuser.query<{ rows: number; kinds: number; expiries: number }>(
    `select count(*) as rows, count(distinct kind) as kinds,
        count(*) filter (where kind = ${TransferKinds.EXPIRE}) as expiries from transfer`,
  );
  expect(counts).toMatchObject({ rows: remade.fold.lastSeq, kinds: 5 });
  expect(counts!.rows).toBeGreaterThanOrEqual(rowCount);
  expect(counts!.expiries).toBeGreaterThan(100);
});

/** What an audit finds while one table is as a superuser has left it. */
async function findPlanted(table: string, statement: string): Promise<Fault[]> {
  await superuser.query(`create temp table kept as table ${table}`);
  await tamper(superuser, statement);
  const { faults } = await audit();
  await tamper(superuser, `delete from ${table}`, `insert into ${table} select * from kept`);
  await superuser.query("drop table kept");
  return faults;
}

/** Reads a row of the books. */
async function find<R extends object>(query: string): Promise<R> {
  const [row] = await superuser.query<R>(query);
  return row!;
}

type Row = { seq: number; debit_slot: number; credit_slot: number; at_us: number; id: string };

describe("L17 one unit that a superuser plants", () => {
  const seq = 5000;
  let row: Row;
  beforeAll(async () => {
    row = await find(`select * from transfer where seq = ${seq}`);
  });

  test.each([
    "debit_version",
    "debit_pending_after",
    "debit_posted_after",
    "credit_version",
    "credit_pending_after",
    "credit_posted_after",
  ])(
    "in %s of a transfer is found at its account and number, and nothing else is",
    async (name) => {
      const statement = `update transfer set ${name} = ${name} + 1 where seq = ${seq}`;
      const slot = name.startsWith("debit") ? row.debit_slot : row.credit_slot;
      const faults = await findPlanted("transfer", statement);
      expect(faults).toMatchObject([{ slot, seq, field: name }]);
      expect(BigInt(faults[0]!.found) - BigInt(faults[0]!.expected)).toBe(1n);
    },
  );

  test("in an amount is found at its number and both of its accounts", async () => {
    const single = await find<Row>(
      `select * from transfer where kind = 1 and seq > ${seq} order by seq limit 1`,
    );
    const statement = `update transfer set amount = amount + 1 where seq = ${single.seq}`;
    const faults = await findPlanted("transfer", statement);
    const slots = new Set(faults.map((fault) => fault.slot));
    expect(slots).toEqual(new Set([single.debit_slot, single.credit_slot]));
    expect(new Set(faults.map((fault) => fault.seq))).toEqual(new Set([single.seq]));
  });

  test.each(["debits_pending", "debits_posted", "credits_pending", "credits_posted", "version"])(
    "in %s of an account is found at the account, after its last transfer",
    async (name) => {
      const slot = row.debit_slot;
      const last = await find<Row>(
        `select * from transfer where ${slot} in (debit_slot, credit_slot)
          order by at_us desc limit 1`,
      );
      const statement = `update account set ${name} = ${name} + 1 where slot = ${slot}`;
      const faults = await findPlanted("account", statement);
      expect(faults[0]).toMatchObject({ slot, seq: last.seq, field: `account.${name}` });
      const sums = faults.slice(1).map(({ field }) => field);
      expect(sums).toHaveLength(name === "version" ? 0 : 1); // the ledger does not add up either
    },
  );
});

describe("L17 a transfer that is gone", () => {
  test.each([
    ["in the middle", "seq = 5000"],
    ["at the beginning", "seq = 1"],
    ["at the end", "seq = (select max(seq) from transfer)"],
  ])("%s is named, and both of its accounts with its number", async (_, where) => {
    const row = await find<Row>(`select * from transfer where ${where}`);
    const faults = await findPlanted("transfer", `delete from transfer where seq = ${row.seq}`);
    expect(faults[0]!.seq).toBe(row.seq);
    for (const slot of [row.debit_slot, row.credit_slot]) {
      expect(faults).toContainEqual(expect.objectContaining({ slot, seq: row.seq }));
    }
    const idle = { field: "transfer_id", expected: "", found: `${row.id} ${row.at_us}` };
    expect(faults).toContainEqual(expect.objectContaining(idle));
  });
});

describe("L17 what is stored beside the transfers", () => {
  test("an id that is gone is named by its transfer", async () => {
    const row = await find<Row>("select * from transfer where seq = 7000");
    const faults = await findPlanted(
      "transfer_id",
      `delete from transfer_id where id = '${row.id}'`,
    );
    const [slot, expected] = [row.debit_slot, `${row.id} ${row.at_us}`];
    expect(faults).toEqual([{ slot, seq: 7000, field: "transfer_id", expected, found: "" }]);
  });

  test("an id of another time is named, and so is one of no transfer", async () => {
    const row = await find<Row>("select * from transfer where seq = 7000");
    const moved = await findPlanted(
      "transfer_id",
      `update transfer_id set at_us = at_us - 1 where id = '${row.id}'`,
    );
    expect(moved.map(({ seq }) => seq)).toEqual([7000, 0]);
    const id = newId();
    const added = await findPlanted(
      "transfer_id",
      `insert into transfer_id values ('${id}', ${row.at_us})`,
    );
    const expected = { slot: 0, seq: 0, field: "transfer_id", expected: "" };
    expect(added).toEqual([{ ...expected, found: `${id} ${row.at_us}` }]);
  });

  test("an open pending transfer that is not in the list is named", async () => {
    const row = await find<Row>(
      "select t.* from transfer t join pending_open using (at_us) order by at_us limit 1",
    );
    const faults = await findPlanted(
      "pending_open",
      `delete from pending_open where at_us = ${row.at_us}`,
    );
    const { seq, debit_slot: slot } = row;
    expect(faults).toMatchObject([{ slot, seq, field: "pending_open.at_us" }]);
  });

  test("a pending transfer that is in the list and not open is named", async () => {
    const row = await find<Row>("select * from transfer where kind = 1 limit 1");
    const faults = await findPlanted(
      "pending_open",
      `insert into pending_open values (${row.at_us})`,
    );
    expect(faults).toMatchObject([{ field: "pending_open.at_us", found: String(row.at_us) }]);
  });

  test("a revert that is not in the list is named", async () => {
    const faults = await findPlanted(
      "transfer_revert",
      "delete from transfer_revert where at_us = (select max(at_us) from transfer_revert)",
    );
    expect(faults).toMatchObject([{ field: "transfer_revert.at_us", found: "" }]);
  });

  test("a commit that is gone is named by the number after which it is missing", async () => {
    const commit = await find<{ first_seq: number }>(
      "select * from ledger_commit order by last_seq offset 20 limit 1",
    );
    const faults = await findPlanted(
      "ledger_commit",
      `delete from ledger_commit where first_seq = ${commit.first_seq}`,
    );
    const expected = { seq: commit.first_seq, field: "ledger_commit.first_seq" };
    expect(faults).toMatchObject([expected]);
  });

  test("an end of the shard that is not that of the transfers is named", async () => {
    const faults = await findPlanted(
      "ledger_shard",
      "update ledger_shard set last_seq = last_seq + 1",
    );
    expect(faults.map(({ field }) => field)).toEqual(["ledger_shard.last_seq"]);
  });

  test("a relay that has published more than there is is named", async () => {
    const source = "mizan.billing.v1.TransferPosted.0";
    const faults = await findPlanted(
      "relay_position",
      `insert into relay_position (stream, source, position, stream_seq, stream_created)
        values ('MIZAN_BILLING', '${source}', 1000000, 1, '')`,
    );
    expect(faults.map(({ field }) => field)).toEqual(["relay_position.position"]);
  });

  test("an account that was beyond its limit once is named by the first transfer that did it", async () => {
    const { slot, seq } = await find<{ slot: number; seq: number }>(
      `select slot, seq from account join transfer on debit_slot = slot
        where account.flags = 0 and debits_pending + debits_posted <= credits_posted
          and debit_version = 1 and amount > 0 order by seq limit 1`,
    );
    const limited = `update account set flags = flags | 2 where slot = ${slot}`;
    const faults = await findPlanted("account", limited);
    expect(faults).toMatchObject([{ slot, seq, field: "limit" }]);
  });
});

describe("what is in custody", () => {
  const accountId = derivedId("account/A3");
  const told = (amountMinor: bigint, asOfSeq: number): CustodySource => ({
    name: "bank",
    balances: async function* () {
      yield { accountId, amountMinor, asOfSeq };
    },
  });

  test("is what its keeper says, at the moment of which it says so", async () => {
    const { slot } = await find<{ slot: number }>(
      `select slot from account where id = '${accountId}'`,
    );
    const asOfSeq = 3210;
    const { sum } = await find<{ sum: bigint }>(
      `select sum(case when debit_slot = ${slot} then amount else -amount end) as sum from transfer
        where kind in (1, 3) and seq <= ${asOfSeq} and ${slot} in (debit_slot, credit_slot)`,
    );
    expect((await audit([told(sum, asOfSeq)])).faults).toEqual([]);
    const { faults } = await audit([told(sum + 1n, asOfSeq)]);
    const texts = { expected: String(sum), found: String(sum + 1n) };
    expect(faults).toEqual([{ slot, seq: asOfSeq, field: "custody.bank", ...texts }]);
    expect((await audit([told(0n, 10 ** 9)])).faults).toEqual([]); // of what is not read yet
  });
});
