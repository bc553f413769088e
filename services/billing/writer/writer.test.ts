import { expect, test } from "vitest";
import { openConnection } from "#mesh/database/connection.ts";
import { reasonOf } from "#mesh/errors.ts";
import { derivedId, ZERO_ID } from "#mesh/ids.ts";
import { MAX_COMMIT_EVENTS, MAX_COMMIT_REFUSALS } from "#mesh/limits.ts";
import { TransferFlags } from "../domain/transfer.ts";
import {
  accountNamed,
  countersOf,
  countStored,
  findFaults,
  make,
  open,
  testBooks,
  testWriter,
  transferOf,
} from "../testing/test-ledger.ts";
import { lossyProxy } from "../testing/lossy-proxy.ts";

test("what is answered is stored, and the stored accounts are the fold of their transfers", async () => {
  await using db = await testBooks();
  await using reader = await openConnection({ url: db.url, name: "test" });
  await using writer = await testWriter(db.url);
  await open(writer, "a", "b", "c");
  const names = ["a", "b", "c"];
  const requests = Array.from({ length: 200 }, (_, at) =>
    transferOf(names[at % 3]!, names[(at + 1) % 3]!, { amount: BigInt(at) }),
  );
  const answers = requests.map(async (request) => {
    const [result] = await make(writer, request);
    expect(await countStored(reader, [request.id])).toBe(1); // before the answer, not after (WR-5)
    return result!.status;
  });
  expect(new Set(await Promise.all(answers))).toEqual(new Set(["created"]));
  expect(await findFaults(db)).toEqual([]);
});

test("ids that memory has forgotten are found in the store, with how they ended", async () => {
  await using db = await testBooks();
  await using writer = await testWriter(db.url, { recentTransfers: 1 });
  await open(writer, "a", "b");
  const pending = transferOf("a", "b", { amount: 10n, flags: TransferFlags.PENDING });
  const post = { debitAccountId: ZERO_ID, creditAccountId: ZERO_ID, ledger: 0, code: 0 };
  const ending = { ...post, pendingId: pending.id, flags: TransferFlags.POST_PENDING };
  const first = transferOf("a", "b", { ...ending, amount: 4n });
  const refused = transferOf("a", "nobody");
  await make(writer, pending);
  await make(writer, first, refused);
  for (let round = 0; round < 5; round += 1) await make(writer, transferOf("a", "b"));
  const again = transferOf("a", "b", { ...ending, amount: 4n });
  const results = await make(writer, pending, first, { ...first, amount: 5n }, refused, again);
  expect(results.map(({ status }) => status)).toEqual([
    "exists",
    "exists",
    "exists_with_different_amount",
    "id_already_failed",
    "pending_transfer_already_posted",
  ]);
  expect(results[3]?.failedWith).toBe("credit_account_not_found");
  expect(await findFaults(db)).toEqual([]);
});

test("WR-3 ids are found, whoever used them: this writer, the one before, or an expiry", async () => {
  await using db = await testBooks();
  const [old, refused] = [transferOf("a", "b"), transferOf("a", "nobody")];
  {
    await using before = await testWriter(db.url);
    await open(before, "a", "b");
    await make(before, old, refused);
  }
  let aheadMs = 0;
  const monotonicMs = () => performance.now() + aheadMs;
  const clock = { nowMs: Date.now, monotonicMs };
  await using writer = await testWriter(db.url, { recentTransfers: 1, clock });
  const early = await make(writer, old); // the ids of the store may not be read yet
  expect(early[0]!.status).toBe("exists");
  const timed = { flags: TransferFlags.PENDING, timeoutSeconds: 3600 };
  const [pending, own] = [transferOf("a", "b", timed), transferOf("a", "b")];
  await make(writer, pending, own);
  aheadMs = 3_700_000;
  for (let round = 0; round < 5; round += 1) await make(writer, transferOf("a", "b"));
  const expiry = transferOf("a", "b", { id: derivedId(`transfer/expire/${pending.id}`) });
  const results = await make(writer, old, refused, own, expiry);
  expect(results.map(({ status }) => status)).toEqual([
    "exists",
    "id_already_failed",
    "exists",
    "exists_with_different_flags",
  ]);
  expect(await findFaults(db)).toEqual([]);
});

test("a restarted writer goes on where the last one ended", async () => {
  await using db = await testBooks();
  const pending = transferOf("a", "b", { amount: 7n, flags: TransferFlags.PENDING });
  {
    await using writer = await testWriter(db.url);
    await open(writer, "a", "b");
    await make(writer, transferOf("a", "b", { amount: 5n }), pending);
  }
  await using writer = await testWriter(db.url);
  const [result] = await make(writer, {
    ...transferOf("a", "b", { pendingId: pending.id, flags: TransferFlags.VOID_PENDING }),
    amount: 0n,
  });
  expect(result).toMatchObject({ status: "created", transfer: { seq: 3, amount: 7n } });
  expect(await countersOf(writer, "a")).toMatchObject({ debitsPosted: 5n, debitsPending: 0n });
  expect(await findFaults(db)).toEqual([]);
});

test("L4 L20 a second writer deposes the first, whose next commit changes nothing", async () => {
  await using db = await testBooks();
  await using reader = await openConnection({ url: db.url, name: "test" });
  await using first = await testWriter(db.url);
  await open(first, "a", "b");
  await using second = await testWriter(db.url);
  const late = transferOf("a", "b");
  const refusal = await make(first, late).catch((error: unknown) => error);
  expect(reasonOf(refusal)).toBe("SHUTTING_DOWN");
  expect((await first.ended)?.name).toBe("Deposed");
  expect(await countStored(reader, [late.id])).toBe(0);
  const [result] = await make(second, late);
  expect(result?.status).toBe("created");
  expect(reasonOf(await make(first, late).catch((error: unknown) => error))).toBe("SHUTTING_DOWN");
  expect(await findFaults(db)).toEqual([]);
});

test("L8 L21 connections that are killed under load lose nothing and apply nothing twice", async () => {
  await using db = await testBooks();
  await using reader = await openConnection({ url: db.url, name: "test" });
  await using writer = await testWriter(db.url);
  await using killer = await openConnection({ url: db.url, name: "killer" });
  await open(writer, "a", "b");
  const over = new AbortController();
  const ids: string[] = [];
  const callers = Array.from({ length: 8 }, async (_, caller) => {
    for (let round = 0; !over.signal.aborted; round += 1) {
      const id = derivedId(`transfer/${caller}/${round}`);
      const [result] = await make(writer, transferOf("a", "b", { id }));
      expect(["created", "exists"]).toContain(result!.status);
      ids.push(id);
    }
  });
  for (let kill = 0; kill < 10; kill += 1) {
    const seen = ids.length;
    await killer.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and application_name like 'ledger %'`,
    );
    await expect.poll(() => ids.length, { timeout: 10_000, interval: 5 }).toBeGreaterThan(seen);
  }
  over.abort();
  await Promise.all(callers);
  expect(await countStored(reader, ids)).toBe(ids.length);
  expect((await countersOf(writer, "a")).debitsPosted).toBe(BigInt(ids.length));
  expect(await findFaults(db)).toEqual([]);
});

test("L8 a commit whose answer is lost is found again, and applied once", async () => {
  await using db = await testBooks();
  await using proxy = await lossyProxy(db.url);
  await using writer = await testWriter(proxy.url);
  await open(writer, "a", "b");
  const transfer = transferOf("a", "b", { amount: 3n });
  proxy.loseAnswersTo("ledger_commit");
  const [result] = await make(writer, transfer);
  expect(proxy.lostAnswers()).toBe(1);
  expect(result).toMatchObject({ status: "exists", transfer: { seq: 1, amount: 3n } });
  expect((await countersOf(writer, "a")).debitsPosted).toBe(3n);
  expect(await findFaults(db)).toEqual([]);
});

test("WR-6 a shard that was taken back is ours, even if the answer to that is lost", async () => {
  await using db = await testBooks();
  await using proxy = await lossyProxy(db.url);
  await using writer = await testWriter(proxy.url);
  await open(writer, "a", "b");
  proxy.loseAnswersTo("ledger_commit", "update ledger_shard set epoch");
  const [result] = await make(writer, transferOf("a", "b"));
  expect([result!.status, proxy.lostAnswers()]).toEqual(["exists", 2]);
});

test("WR-6 a writer that is cut off and deposed meanwhile does not take the shard back", async () => {
  await using db = await testBooks();
  await using proxy = await lossyProxy(db.url);
  await using first = await testWriter(proxy.url);
  await open(first, "a", "b");
  await using second = await testWriter(db.url);
  proxy.cut();
  expect((await first.ended)?.name).toBe("Deposed");
  const [result] = await make(second, transferOf("a", "b"));
  expect(result?.status).toBe("created");
});

test("L21 a writer whose books were changed behind its back reads them again", async () => {
  await using db = await testBooks();
  await using writer = await testWriter(db.url);
  await using operator = await openConnection({ url: db.url, name: "test" });
  await open(writer, "a", "b");
  await make(writer, transferOf("a", "b", { amount: 5n }));
  await operator.query("update ledger_shard set epoch = epoch + 1"); // as a restored backup may
  const [result] = await make(writer, transferOf("a", "b", { amount: 2n }));
  expect(result).toMatchObject({ status: "created", debit: { debitsPosted: 7n } });
  expect(await findFaults(db)).toEqual([]);
});

test("L3 a request that PostgreSQL refuses fails alone", async () => {
  await using db = await testBooks();
  await using writer = await testWriter(db.url);
  await open(writer, "a", "b");
  const poison = make(writer, transferOf("a", "b", { reference: "x".repeat(141) }));
  const others = Array.from({ length: 5 }, async () => make(writer, transferOf("a", "b")));
  await expect(poison).rejects.toThrow("violates check constraint");
  expect((await Promise.all(others)).map(([result]) => result!.status)).not.toContain("refused");
  expect((await countersOf(writer, "a")).debitsPosted).toBe(5n);
  expect(await findFaults(db)).toEqual([]);
});

test.each(["53100", "57014", "40P01"])(
  "L3 no request is given up because the server was in trouble: %s",
  async (code) => {
    await using db = await testBooks();
    await using writer = await testWriter(db.url);
    await using operator = await openConnection({ url: db.url, name: "test" });
    await open(writer, "a", "b");
    await operator.query("create sequence tries");
    await operator.query(
      `create function be_in_trouble() returns trigger language plpgsql as $$
        begin
          if nextval('tries') <= ${MAX_COMMIT_REFUSALS} then
            raise 'in trouble' using errcode = '${code}';
          end if;
          return null;
        end
      $$`,
    );
    await operator.query(
      "create trigger trouble before update on account execute function be_in_trouble()",
    );
    const [result] = await make(writer, transferOf("a", "b"));
    expect(result!.status).toBe("created");
    expect(await operator.query("select last_value as tries from tries")).toEqual([
      { tries: MAX_COMMIT_REFUSALS + 1 },
    ]);
  },
);

test("L21 a decision that breaks off half-way has no effect, and the others have theirs", async () => {
  await using db = await testBooks();
  await using writer = await testWriter(db.url);
  await open(writer, "a", "b");
  const half = transferOf("a", "b", { amount: 100n });
  const broken = writer.submit({
    eventCount: 1,
    decide: ({ ledger, atUs }) => {
      ledger.createTransfers([half], atUs);
      throw new TypeError("a bug");
    },
  });
  const others = Array.from({ length: 5 }, async () => make(writer, transferOf("a", "b")));
  await expect(broken).rejects.toThrow("a bug");
  expect((await Promise.all(others)).map(([result]) => result!.status)).toHaveLength(5);
  expect((await countersOf(writer, "a")).debitsPosted).toBe(5n);
  expect(await findFaults(db)).toEqual([]);
});

test("EXT-4 a read shows nothing that is not committed yet", async () => {
  await using db = await testBooks();
  await using reader = await openConnection({ url: db.url, name: "test" });
  await using writer = await testWriter(db.url);
  await open(writer, "a", "b");
  const transfer = transferOf("a", "b", { amount: 9n });
  const write = make(writer, transfer);
  const read = countersOf(writer, "a").then(async ({ debitsPosted }) => {
    return { debitsPosted, stored: await countStored(reader, [transfer.id]) };
  });
  expect(await read).toEqual({ debitsPosted: 9n, stored: 1 });
  await write;
});

test("a hold ends by itself when its time is over", async () => {
  await using db = await testBooks();
  await using writer = await testWriter(db.url);
  await open(writer, "a", "b");
  const timed = { amount: 8n, flags: TransferFlags.PENDING, timeoutSeconds: 1 };
  await make(writer, transferOf("a", "b", timed));
  const expiry = Promise.withResolvers<void>();
  using _ = writer.commits.onCommit(expiry.resolve);
  await expiry.promise;
  expect(await countersOf(writer, "a")).toMatchObject({ debitsPending: 0n, version: 2 });
  expect(await findFaults(db)).toEqual([]);
});

test("L16 EXT-4 what is due has expired before anything is read or made", async () => {
  await using db = await testBooks();
  let aheadMs = 0;
  const monotonicMs = () => performance.now() + aheadMs;
  await using writer = await testWriter(db.url, { clock: { nowMs: Date.now, monotonicMs } });
  await open(writer, "a", "b");
  const timed = { amount: 8n, flags: TransferFlags.PENDING, timeoutSeconds: 3600 };
  await make(writer, transferOf("a", "b", timed));
  expect((await countersOf(writer, "a")).debitsPending).toBe(8n);
  aheadMs = 3_600_000;
  expect((await countersOf(writer, "a")).debitsPending).toBe(0n);
  expect(await findFaults(db)).toEqual([]);
});

test("CHAIN-7 EXT-4 holds that are due all at once end over several commits, before all else", async () => {
  await using db = await testBooks();
  await using reader = await openConnection({ url: db.url, name: "test" });
  let aheadMs = 0;
  const monotonicMs = () => performance.now() + aheadMs;
  await using writer = await testWriter(db.url, { clock: { nowMs: Date.now, monotonicMs } });
  await open(writer, "a", "b");
  const timed = { flags: TransferFlags.PENDING, timeoutSeconds: 3600 };
  for (let round = 0; round < 3; round += 1) {
    await make(writer, ...Array.from({ length: 3000 }, () => transferOf("a", "b", timed)));
  }
  const { debitsPending } = await writer.submit({
    eventCount: 1,
    get ids() {
      aheadMs = 3_700_000; // time passes while what is unknown is read
      return [];
    },
    decide: ({ ledger }) => ({ ...ledger.account(accountNamed("a").id)! }),
  });
  expect(debitsPending).toBe(0n);
  const commits = await reader.query<{ count: number }>(
    "select count(*) as count from transfer where kind = 5 group by xmin order by min(at_us)",
  );
  const counts = commits.map(({ count }) => count);
  expect(counts).toEqual([MAX_COMMIT_EVENTS, MAX_COMMIT_EVENTS, 9000 - 2 * MAX_COMMIT_EVENTS]);
  expect(await findFaults(db)).toEqual([]);
}, 30_000);

test("a caller who is gone when the turn comes has no effect", async () => {
  await using db = await testBooks();
  await using writer = await testWriter(db.url);
  const before = { eventCount: 1, decide: () => {} };
  const gone = { ...before, signal: AbortSignal.abort() };
  const late = { ...before, deadlineMs: Date.now() - 1 };
  for (const work of [gone, late]) {
    const refusal = await writer.submit(work).catch((error: unknown) => error);
    expect(reasonOf(refusal)).toBe("DEADLINE_PASSED");
  }
});

test("what is queued when the writer is closed is still decided and stored", async () => {
  await using db = await testBooks();
  await using reader = await openConnection({ url: db.url, name: "test" });
  const writer = await testWriter(db.url);
  await open(writer, "a", "b");
  const transfers = Array.from({ length: 20 }, () => transferOf("a", "b"));
  const answers = transfers.map(async (transfer) => make(writer, transfer));
  await writer[Symbol.asyncDispose]();
  await Promise.all(answers);
  expect(
    await countStored(
      reader,
      transfers.map(({ id }) => id),
    ),
  ).toBe(20);
  expect(reasonOf(await make(writer, transferOf("a", "b")).catch((error: unknown) => error))).toBe(
    "SHUTTING_DOWN",
  );
});

test.each([
  ["an account", "update account set credits_posted = 1 where slot = 1"],
  ["a hold", "delete from pending_open"],
  ["the last number", "update ledger_shard set last_seq = last_seq + 1"],
])("WR-7 a writer does not start on books where %s is wrong", async (_, tampering) => {
  await using db = await testBooks();
  {
    await using writer = await testWriter(db.url);
    await open(writer, "a", "b");
    await make(writer, transferOf("a", "b", { flags: TransferFlags.PENDING }));
  }
  await using connection = await openConnection({ url: db.url, name: "test" });
  await connection.query(tampering);
  await expect(testWriter(db.url)).rejects.toMatchObject({ name: "BooksError" });
});

test.each(["transfer", "transfer_reference", "transfer_failed", "ledger_commit"])(
  "TRF-5 L19 rows of %s are never changed or deleted, not even by the owner",
  async (table) => {
    await using db = await testBooks();
    await using connection = await openConnection({ url: db.url, name: "test" });
    for (const change of [
      `update ${table} set at_us = at_us + 1`,
      `delete from ${table}`,
      `truncate ${table}`,
    ]) {
      await expect(connection.query(change)).rejects.toMatchObject({ code: "42501" });
    }
  },
);
