import assert from "node:assert";
import { systemClock } from "#mesh/clock.ts";
import type { Database } from "#mesh/database/connect.ts";
import { createLog } from "#mesh/log.ts";
import type { Engine } from "../../../services/matching/domain/engine.ts";
import { createMarkets } from "../../../services/matching/domain/markets.ts";
import type { Tables } from "../../../services/matching/store/tables.ts";
import { compareStates } from "../../../services/matching/testing/compare-states.ts";
import { checkRows, tellJournal } from "../../../services/matching/testing/journal-oracle.ts";
import { randomSubmissions } from "../../../services/matching/testing/random-submissions.ts";
import { startWriter } from "../../../services/matching/writer/writer.ts";
import { randomOf, type Random } from "../../kill/random.ts";
import { makeOrders, type Orders } from "../../withdrawals/orders.ts";
import { checkJournal } from "./check-journal.ts";
import { runVictim, type Victim } from "./run-victim.ts";

/** Where a process is killed: at a step that it comes to, or at any moment. */
export const PLACES = [
  "matching.journaling",
  "matching.journaled",
  "matching.applied",
  "matching.snapshot",
  "matching.snapshot-written",
  "matching.replay",
  "matching.takeover",
  "at any moment",
  "beside a standby",
] as const;

/** How often to kill, from which seed, and who hears of it. */
export type CrashOptions = {
  readonly db: Database<Tables>;
  /** Each of them is one kill. */
  readonly places: readonly (typeof PLACES)[number][];
  readonly seed: number;
  readonly say: (text: string) => void;
};

/** How many commands a process is given. */
const COMMANDS = 240;

/**
 * Kills writers of an exchange with SIGKILL, and fails unless, after each of them, the restarted
 * books are what the naive engine makes of all that was answered and of a committed tail at most,
 * the rows are complete and there once, and a second restart is identical (M36).
 */
export async function crashTest({ db, places, seed, say }: CrashOptions): Promise<void> {
  const random = randomOf(seed);
  using orders = makeOrders();
  const count = places.length * COMMANDS;
  const stream = randomSubmissions(seed, count);
  const answered: { readonly place: number; readonly seq: number }[] = [];
  for (const [round, where] of places.entries()) {
    const [from, until] = [round * COMMANDS, (round + 1) * COMMANDS];
    const task = { url: db.url, seed, from, until, count, isStandby: random.below(2) === 0 };
    const isFollowed = where === "beside a standby";
    const middle = isFollowed ? (from + until) / 2 : until;
    await using victim = runVictim({ ...task, until: middle }, orders.folder);
    if (isFollowed) await victim.until("ready");
    await using standby = isFollowed
      ? runVictim({ ...task, from: middle, isStandby: true }, orders.folder)
      : undefined;
    await killAt(where, victim, { orders, random });
    const ended = await victim.ended;
    assert.strictEqual(ended, "SIGKILL", `${where} is a step that the process comes to`);
    if (standby !== undefined) assert.strictEqual(await standby.ended, 0, "the standby takes over");
    const lines = [...victim.lines, ...(standby?.lines ?? [])];
    const known = lines.filter((line) => line.said === "answered");
    answered.push(...known);
    const tail = await checkJournal(db, { stream, answered, from, until: middle });
    const hash = await checkRestart(db);
    assert.strictEqual(await checkRestart(db), hash, "a second restart is identical");
    say(`${where}: ${known.length} answered, ${tail} more in the journal, state ${hash}`);
  }
}

type Chance = { readonly orders: Orders; readonly random: Random };

async function killAt(
  where: (typeof PLACES)[number],
  victim: Victim,
  { orders, random }: Chance,
): Promise<void> {
  const isAtStart = where === "matching.replay" || where === "matching.takeover";
  if (isAtStart) return orders.give(where, "kill"); // the process starts just now
  await victim.until("answered", random.below(COMMANDS / 3));
  if (where.startsWith("matching.")) orders.give(where, "kill");
  else await victim.kill();
}

/** Opens the books as the next process would; returns the hash of their state. */
async function checkRestart(db: Database<Tables>): Promise<string> {
  await using writer = await startWriter({
    db,
    shard: 0,
    owner: "check",
    when: "now",
    clock: systemClock,
    markets: createMarkets([]),
    log: createLog({ name: "check", level: "fatal", to: process.stderr }),
  });
  await writer.flushed();
  const told = await tellJournal(db);
  compareStates(told.naive, writer.engine as Engine);
  await checkRows(db, told);
  return writer.engine.stateHash();
}
