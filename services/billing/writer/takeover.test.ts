import { afterAll, beforeEach, expect, test } from "vitest";
import { openConnection } from "#mesh/database/connection.ts";
import { billingPair, type Load, openLoadAccounts, startLoad } from "../testing/billing-pair.ts";
import type { BillingProcess } from "../testing/billing-process.ts";
import { countStored, findFaults } from "../testing/test-ledger.ts";

// Billing twice on the same books, each as a process of its own, under load. Each test finds a writer
// and one who stands by, and leaves the same; after one that does not, all begins anew.

const serves = "the service is ready";
const standsBy = "another writer is followed";

let pair: Awaited<ReturnType<typeof billingPair>> | undefined;
let writer: BillingProcess;
let standby: BillingProcess;
/** The place at which the next process is started. */
let place: 0 | 1 = 0;
let answered: string[];
let isWhole = false;

beforeEach(async () => {
  if (isWhole) return;
  await pair?.[Symbol.asyncDispose]();
  pair = await billingPair();
  answered = [];
  writer = start();
  await writer.until(serves);
  await openLoadAccounts(pair.ledger);
  standby = start();
  await standby.until(standsBy);
});
afterAll(async () => pair?.[Symbol.asyncDispose]());

function start(): BillingProcess {
  const started = pair!.start(place);
  place = place === 0 ? 1 : 0;
  return started;
}

/** The one who stood by writes; another takes its place. */
async function moveUp(): Promise<void> {
  writer = standby;
  standby = start();
  await standby.until(standsBy);
}

async function underLoad(timeoutMs: number): Promise<Load> {
  isWhole = false;
  const load = startLoad(pair!.ledger, { name: `${answered.length}`, callers: 8, timeoutMs });
  await load.more(200);
  return load;
}

/** What was answered is stored once, nothing else is, and no writer wrote after its successor. */
async function checkStored(load: Load) {
  await load.stop();
  answered.push(...load.answered);
  await using reader = await openConnection({ url: pair!.db.url, name: "test" });
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
  expect(await findFaults(pair!.db)).toEqual([]);
  isWhole = true;
}

test("L20 a writer that slept until another took over writes nothing more, and ends", async ({
  annotate,
}) => {
  using load = await underLoad(1000);
  const startMs = performance.now();
  writer.signal("SIGSTOP");
  await standby.until(serves);
  await annotate(`The other served after ${Math.round(performance.now() - startMs)} ms.`);
  await load.more(50);
  writer.signal("SIGCONT");
  expect(await writer.ended).toBe(1);
  const last = writer.lines.find(({ msg }) => msg === "the process stops");
  expect(last).toMatchObject({ err: { message: "another writer holds shard 0" } });
  await load.more(100);
  await moveUp();
  await checkStored(load);
}, 120_000);

test("WR-6 a standby serves when the writer is killed", async ({ annotate }) => {
  using load = await underLoad(1000);
  const startMs = performance.now();
  writer.signal("SIGKILL");
  expect(await writer.ended).toBe("SIGKILL");
  await standby.until(serves);
  await annotate(`The other served after ${Math.round(performance.now() - startMs)} ms.`);
  await load.more(200);
  await moveUp();
  await checkStored(load);
}, 120_000);

test("WR-6 a writer that drains hands over, and no call fails", async ({ annotate }) => {
  using load = await underLoad(5000);
  for (const count of [200, 100]) {
    const startMs = performance.now();
    writer.signal("SIGTERM");
    await standby.until(serves);
    await annotate(`The other served after ${Math.round(performance.now() - startMs)} ms.`);
    expect(await writer.ended).toBe(0);
    await load.more(count);
    await moveUp();
  }
  await checkStored(load);
  expect(load.failed).toEqual([]);
}, 120_000);

test("a standby that is told to stop ends at once, and the writer goes on", async () => {
  using load = await underLoad(5000);
  standby.signal("SIGTERM");
  expect(await standby.ended).toBe(0);
  await load.more(100);
  await checkStored(load);
  isWhole = false;
  expect(load.failed).toEqual([]);
}, 120_000);
