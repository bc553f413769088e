import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { systemClock } from "#mesh/clock.ts";
import { openConnection } from "#mesh/database/connection.ts";
import { reasonOf } from "#mesh/errors.ts";
import { SHARD_LEASE_MS } from "#mesh/limits.ts";
import { testLog } from "#mesh/testing/log.ts";
import { ledgerOf } from "../domain/ledger.ts";
import type { Memory } from "../domain/memory.ts";
import {
  firstAccounts,
  firstTransfers,
  toAccount,
  toTransfers,
} from "../domain/random-transfers.ts";
import { type NewTransfer, TransferFlags } from "../domain/transfer.ts";
import { ledgerShard } from "../store/ledger-shard.ts";
import {
  countersOf,
  countStored,
  findFaults,
  make,
  open,
  testBooks,
  testWriter,
  transferOf,
} from "../testing/test-ledger.ts";
import { catchUp } from "./catch-up.ts";
import { loadMemory } from "./load-memory.ts";
import { readUsedIds } from "./used-ids.ts";

const standsBy = "another writer is followed";

/** Starts a writer that stands by, and waits until it does. */
async function testStandby(url: string, clock = systemClock) {
  const log = testLog();
  const writer = testWriter(url, { when: "free", log, clock });
  await expect.poll(() => log.records.some(({ msg }) => msg === standsBy)).toBe(true);
  return { writer };
}

test("WR-6 a second writer applies nothing while the first lives, and serves when it is done", async () => {
  await using db = await testBooks();
  await using reader = await openConnection({ url: db.url, name: "test" });
  const first = await testWriter(db.url);
  await open(first, "a", "b");
  const { writer } = await testStandby(db.url);
  const { epoch, leaseUntilUs } = await ledgerShard.find(reader, 0);
  const leaseUntil = async () => (await ledgerShard.find(reader, 0)).leaseUntilUs;
  const later = leaseUntilUs + 1.2 * SHARD_LEASE_MS * 1000;
  await expect.poll(leaseUntil, { timeout: 20_000 }).toBeGreaterThan(later); // it had nothing to do
  const one = transferOf("a", "b");
  await make(first, one);
  expect((await ledgerShard.find(reader, 0)).epoch).toBe(epoch);
  await first[Symbol.asyncDispose]();
  await using second = await writer;
  const results = await make(second, one, transferOf("a", "b"));
  expect(results.map(({ status }) => status)).toEqual(["exists", "created"]);
  expect((await ledgerShard.find(reader, 0)).epoch).toBe(epoch + 1);
  expect((await countersOf(second, "a")).debitsPosted).toBe(2n);
  expect(await findFaults(db)).toEqual([]);
}, 30_000);

test("WR-6 a standby that lost its connections goes on where it was", async () => {
  await using db = await testBooks();
  const first = await testWriter(db.url);
  await open(first, "a");
  const { writer } = await testStandby(db.url);
  await open(first, "b");
  await using killer = await openConnection({ url: db.url, name: "killer" });
  await killer.query(
    "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'ledger standby'",
  );
  const hold = transferOf("a", "b", { flags: TransferFlags.PENDING, amount: 5n });
  await make(first, hold, transferOf("a", "b"));
  await first[Symbol.asyncDispose]();
  await using second = await writer;
  expect(await countersOf(second, "a")).toMatchObject({ debitsPending: 5n, debitsPosted: 1n });
  const post = { pendingId: hold.id, flags: TransferFlags.POST_PENDING };
  const [posted] = await make(second, transferOf("a", "b", { ...post, amount: 5n }));
  expect(posted).toMatchObject({ status: "created", debit: { debitsPosted: 6n } });
  expect(await findFaults(db)).toEqual([]);
});

test("WR-3 IDEM-3 a standby knows the ids that the writer before it has used and burned", async () => {
  await using db = await testBooks();
  await using reader = await openConnection({ url: db.url, name: "test" });
  const first = await testWriter(db.url);
  await open(first, "a", "b");
  const [early, earlyRefused] = [transferOf("a", "b"), transferOf("a", "nobody")];
  await make(first, early, earlyRefused);
  const { writer } = await testStandby(db.url);
  const [late, lateRefused] = [transferOf("a", "b"), transferOf("a", "nobody")];
  await make(first, late, lateRefused);
  await first[Symbol.asyncDispose]();
  await using second = await writer;
  const all = [early, earlyRefused, late, lateRefused];
  const readers = async () => {
    return reader.query("select from pg_stat_activity where application_name = 'ledger ids'");
  };
  await expect.poll(readers).toEqual([]); // all ids are read, so that the filter decides
  expect((await make(second, ...all)).map(({ status }) => status)).toEqual([
    "exists",
    "id_already_failed",
    "exists",
    "id_already_failed",
  ]);
  expect(await countStored(reader, [early.id, late.id])).toBe(2);
});

test("WR-6 a writer that slept for longer than its lease answers no read from memory", async () => {
  await using db = await testBooks();
  let aheadMs = 0;
  const monotonicMs = () => performance.now() + aheadMs;
  await using first = await testWriter(db.url, { clock: { nowMs: Date.now, monotonicMs } });
  await open(first, "a", "b");
  await make(first, transferOf("a", "b"));
  aheadMs = SHARD_LEASE_MS;
  expect((await countersOf(first, "a")).debitsPosted).toBe(1n); // it has asked whether it may
  await using second = await testWriter(db.url);
  await make(second, transferOf("a", "b"));
  aheadMs = 2 * SHARD_LEASE_MS;
  const refusal = await countersOf(first, "a").catch((error: unknown) => error);
  expect(reasonOf(refusal)).toBe("SHUTTING_DOWN");
  expect((await first.ended)?.name).toBe("Deposed");
});

test("WR-6 L16 a database's clock that jumps ahead deposes no writer that lives", async () => {
  await using db = await testBooks();
  await using reader = await openConnection({ url: db.url, name: "test" });
  const first = await testWriter(db.url);
  const { writer } = await testStandby(db.url);
  const { epoch } = await ledgerShard.find(reader, 0);
  for (let round = 0; round < 3; round += 1) {
    await reader.query("update ledger_shard set lease_until_us = 1"); // as if that time was long ago
    const leaseUntil = async () => (await ledgerShard.find(reader, 0)).leaseUntilUs;
    await expect.poll(leaseUntil, { timeout: 10_000 }).toBeGreaterThan(1);
  }
  expect((await ledgerShard.find(reader, 0)).epoch).toBe(epoch);
  await first[Symbol.asyncDispose]();
  await using _ = await writer;
}, 30_000);

test("WR-6 L16 a clock that was set back keeps no shard for a writer that says nothing", async () => {
  await using db = await testBooks();
  await using silent = await openConnection({ url: db.url, name: "test" });
  const taken = await ledgerShard.take(silent, { shard: 0, owner: "silent", from: "anybody" });
  await silent.query("update ledger_shard set lease_until_us = lease_until_us + 3600000000");
  let aheadMs = 0;
  const monotonicMs = () => performance.now() + aheadMs;
  const { writer } = await testStandby(db.url, { nowMs: Date.now, monotonicMs });
  expect((await ledgerShard.find(silent, 0)).epoch).toBe(taken!.epoch);
  aheadMs = SHARD_LEASE_MS;
  await using _ = await writer;
  expect((await ledgerShard.find(silent, 0)).epoch).toBe(taken!.epoch + 1);
});

test("WR-6 a writer without work hears that it was deposed", async () => {
  await using db = await testBooks();
  await using first = await testWriter(db.url);
  await using _ = await testWriter(db.url);
  expect((await first.ended)?.name).toBe("Deposed");
});

test("WR-6 what a standby has in memory is what a fresh load would read", async () => {
  const numbers = fc.tuple(fc.nat(99), ...[1, 2, 3].map(() => fc.nat(2 ** 31 - 1)));
  const command = fc.record({
    action: fc.nat(9),
    events: fc.array(numbers as fc.Arbitrary<[number, number, number, number]>, {
      minLength: 1,
      maxLength: 6,
    }),
  });
  const property = fc.asyncProperty(
    fc.array(command, { minLength: 30, maxLength: 30 }),
    async (commands) => {
      await using db = await testBooks();
      await using writer = await testWriter(db.url);
      await using reader = await openConnection({ url: db.url, name: "test" });
      await using usedIds = readUsedIds(db.url, 1000, testLog());
      const standby = await loadMemory(reader, { shard: 0 });
      const sent: NewTransfer[] = [...firstTransfers];
      const openAll = async (accounts: typeof firstAccounts) =>
        writer.submit({
          eventCount: accounts.length,
          decide: ({ ledger, atUs }) => ledger.createAccounts(accounts, atUs),
        });
      await openAll(firstAccounts);
      await make(writer, ...firstTransfers);
      for (const { action, events } of commands) {
        const past = { sent, nowUs: Date.now() * 1000, versionOf: () => undefined };
        const transfers = toTransfers(past, events);
        sent.push(...transfers);
        await (action === 0 ? openAll(events.map(toAccount)) : make(writer, ...transfers));
        const fresh = await loadMemory(reader, { shard: 0 });
        const { lastSeq, lastAtUs } = fresh; // a hold may expire meanwhile
        await catchUp(reader, { memory: standby, usedIds }, { lastSeq, lastAtUs });
        expect(shownOf(standby)).toEqual(shownOf(fresh));
      }
    },
  );
  await fc.assert(property, { numRuns: 3, endOnFailure: true });
}, 120_000);

/** All that decisions depend on. */
function shownOf(memory: Memory) {
  const { lastSeq, lastAtUs, lastSlot, pendings } = memory;
  const ledger = ledgerOf(memory);
  const slots = Array.from({ length: lastSlot + 1 }, (_, index) => {
    const account = ledger.bySlot(index + 1);
    if (account === undefined) return undefined;
    const siblings = ledger.accountsOf(account.userData).map(({ slot }) => slot);
    return [account, ledger.account(account.id), siblings, ledger.openPendingsOf(index + 1, 100)];
  });
  const due = pendings.first();
  const all = [...pendings.all()].toSorted((one, other) => one.seq - other.seq);
  return structuredClone({ lastSeq, lastAtUs, slots, all, due: [due?.row, due?.expiresAtUs] });
}

test("L16 a clock that jumps by an hour ends no hold early or late", async () => {
  await using db = await testBooks();
  await using reader = await openConnection({ url: db.url, name: "test" });
  const real = Date.now;
  let jumps = 0;
  const nowMs = () => real() + [0, 3_600_000, -3_600_000][jumps++ % 3]!;
  using _ = vi.spyOn(Date, "now").mockImplementation(nowMs);
  await using writer = await testWriter(db.url, {
    clock: { nowMs, monotonicMs: () => performance.now() },
  });
  await open(writer, "a", "b");
  const timeouts = [1, 1, 2, 2, 3600, 3599];
  const holds = timeouts.map((timeoutSeconds) =>
    transferOf("a", "b", { flags: TransferFlags.PENDING, timeoutSeconds }),
  );
  for (const hold of holds) await make(writer, hold);
  const ends = async () =>
    reader.query<{ timeout: number; lasted_us: number }>(
      `select held.timeout_seconds as timeout, ended.at_us - held.at_us as lasted_us
        from transfer held join transfer ended on ended.pending_at_us = held.at_us
        where ended.kind = 5 order by ended.at_us`,
    );
  await expect.poll(async () => (await ends()).length, { timeout: 20_000 }).toBe(4);
  const late = (await ends()).map(({ timeout, lasted_us: us }) => us - timeout * 1e6);
  expect(Math.min(...late)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...late)).toBeLessThan(60e6);
  expect((await countersOf(writer, "a")).debitsPending).toBe(2n);
  expect(jumps).toBeGreaterThan(3);
  expect(await findFaults(db)).toEqual([]);
}, 30_000);
