import { expect, test } from "vitest";
import type { Database } from "#mesh/database/connect.ts";
import type { Engine } from "../domain/engine.ts";
import { compareStates } from "../testing/compare-states.ts";
import { checkRows, tellJournal } from "../testing/journal-oracle.ts";
import { randomSubmissions } from "../testing/random-submissions.ts";
import { testExchange, testWriter } from "../testing/test-writer.ts";
import type { Tables } from "../store/tables.ts";
import type { Submission } from "./submission.ts";
import type { RecordWriter, WriterOptions } from "./writer.ts";

/** Sends commands in stretches, several at a time. */
async function send(writer: RecordWriter, submissions: readonly Submission[]): Promise<void> {
  const calls: Promise<unknown>[] = [];
  for (let from = 0; from < submissions.length; from += 7) {
    calls.push(writer.submit(submissions.slice(from, from + 7)));
    if (calls.length % 6 === 0) await calls.at(-1);
  }
  await Promise.all(calls);
  await writer.flushed();
}

/** Fails unless memory and rows are what the naive engine makes of the journal; returns the hash. */
async function check(db: Database<Tables>, writer: RecordWriter): Promise<string> {
  await writer.flushed();
  const told = await tellJournal(db);
  compareStates(told.naive, writer.engine as Engine);
  await checkRows(db, told);
  return writer.engine.stateHash();
}

async function restart(db: Database<Tables>, options: Partial<WriterOptions> = {}) {
  await using writer = await testWriter(db, options);
  return await check(db, writer);
}

test("BOOK-8 whatever commands come, memory and rows are what the naive engine makes of the journal, also after restarts", async () => {
  for (let run = 0; run < 2; run += 1) {
    const seed = Math.floor(Math.random() * 2 ** 31);
    await using db = await testExchange(["ABAN-IRR", "BTC-IRR"]);
    const submissions = randomSubmissions(seed, 300);
    const hashes: string[] = [];
    for (const half of [submissions.slice(0, 150), submissions.slice(150)]) {
      await using writer = await testWriter(db);
      await send(writer, half);
      hashes.push(await check(db, writer), writer.engine.stateHash());
    }
    hashes.push(await restart(db), await restart(db));
    expect(new Set(hashes).size, `seed ${seed}`).toBe(2);
  }
});
