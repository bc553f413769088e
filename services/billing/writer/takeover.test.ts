import { expect, test } from "vitest";
import type { Database } from "#mesh/database/connect.ts";
import { openConnection } from "#mesh/database/connection.ts";
import { billingPair, type Load, openLoadAccounts, startLoad } from "../testing/billing-pair.ts";
import { countStored, findFaults } from "../testing/test-ledger.ts";
import type { Tables } from "../store/tables.ts";

// Billing twice on the same books, each as a process of its own, under load.

const serves = "the service is ready";
const standsBy = "another writer is followed";

/** What was answered is stored once, nothing else is, and no writer wrote after its successor. */
async function checkStored(db: Database<Tables>, { answered }: Load) {
  await using reader = await openConnection({ url: db.url, name: "test" });
  expect(await countStored(reader, answered)).toBe(answered.length);
  const [sums] = await reader.query(
    `select count(*) as transfers, sum(amount) as moved,
        (select max(debits_posted) from account where user_data = '00000000-0000-0000-0000-000000000000') as debited
      from transfer`,
  );
  const count = answered.length;
  expect(sums).toEqual({ transfers: count, moved: BigInt(count), debited: BigInt(count) });
  const disordered = await reader.query(
    `select * from (
        select last_seq, epoch, lag(epoch) over (order by last_seq) as before from ledger_commit
      ) commits where before > epoch`,
  );
  expect(disordered).toEqual([]);
  expect(await findFaults(db)).toEqual([]);
}

/** Two writers, of which the second stands by, and a load that has begun. */
async function pairUnderLoad(timeoutMs: number) {
  await using stack = new AsyncDisposableStack();
  const pair = stack.use(await billingPair());
  const first = pair.start(0);
  await first.until(serves);
  await openLoadAccounts(pair.ledger);
  const load = stack.use(startLoad(pair.ledger, 8, timeoutMs));
  const second = pair.start(1);
  await second.until(standsBy);
  await load.more(500);
  const open = stack.move();
  return { ...pair, first, second, load, [Symbol.asyncDispose]: async () => open.disposeAsync() };
}

test("L20 a writer that slept until another took over writes nothing more, and ends", async ({
  annotate,
}) => {
  await using pair = await pairUnderLoad(1000);
  const { db, first, second, load } = pair;
  const startMs = performance.now();
  first.signal("SIGSTOP");
  await second.until(serves);
  await annotate(`The other served after ${Math.round(performance.now() - startMs)} ms.`);
  await load.more(50);
  first.signal("SIGCONT");
  expect(await first.ended).toBe(1);
  const last = first.lines.find(({ msg }) => msg === "the process stops");
  expect(last).toMatchObject({ err: { message: "another writer holds shard 0" } });
  await load.more(100);
  await load.stop();
  await checkStored(db, load);
}, 120_000);

test("WR-6 a standby serves when the writer is killed", async ({ annotate }) => {
  await using pair = await pairUnderLoad(1000);
  const { db, start, first, second, load } = pair;
  const startMs = performance.now();
  first.signal("SIGKILL");
  expect(await first.ended).toBe("SIGKILL");
  await second.until(serves);
  await annotate(`The other served after ${Math.round(performance.now() - startMs)} ms.`);
  await load.more(500);
  const third = start(0);
  await third.until(standsBy);
  await load.stop();
  await checkStored(db, load);
}, 120_000);

test("WR-6 a writer that drains hands over, and no call fails", async ({ annotate }) => {
  await using pair = await pairUnderLoad(5000);
  const { db, start, first, second, load } = pair;
  const startMs = performance.now();
  first.signal("SIGTERM");
  await second.until(serves);
  await annotate(`The other served after ${Math.round(performance.now() - startMs)} ms.`);
  expect(await first.ended).toBe(0);
  await load.more(500);
  const third = start(0);
  await third.until(standsBy);
  second.signal("SIGTERM");
  await third.until(serves);
  await load.more(100);
  await load.stop();
  expect(load.failed).toEqual([]);
  await checkStored(db, load);
}, 120_000);

test("a standby that is told to stop ends at once, and the writer goes on", async () => {
  await using pair = await pairUnderLoad(1000);
  const { second, load } = pair;
  second.signal("SIGTERM");
  expect(await second.ended).toBe(0);
  await load.more(100);
  await load.stop();
  expect(load.failed).toEqual([]);
}, 120_000);
