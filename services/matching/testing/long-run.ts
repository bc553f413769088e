import assert from "node:assert";
import { CommandLog, CommandReader } from "../domain/command-log.ts";
import { CommandRecord } from "../domain/command-record.ts";
import { createEngine } from "../domain/create-engine.ts";
import type { Engine } from "../domain/engine.ts";
import { EventLog } from "../domain/event-log.ts";
import { createNaiveEngine } from "../domain/naive-engine.ts";
import { toRecord } from "../domain/to-record.ts";
import { compareStates } from "./compare-states.ts";
import { createApply } from "./fast-book.ts";
import { flowSetUp, toCommand } from "./flow-commands.ts";
import { createFlow, emptyStep } from "./flow.ts";
import { START_MS } from "./random-order.ts";
import { checkHolds, createWallet, runFunded, totalOf } from "./wallet.ts";

const USERS = 1000;
const ORDERS = 1000;
/** How many commands come at one time, and after how many the money is counted. */
const AT_ONCE = 20;
const CHECK_EVERY = 512;

const rates = { maker: { ppm: 1000, perLot: 0 }, taker: { ppm: 1500, perLot: 0 } };

/**
 * Runs a busy market on both engines with the money of all its users, and fails at any difference,
 * when money appears or is lost, and when a replay of the journal comes to another state.
 */
export function runLong(seed: number, count: number): { readonly levels: number } {
  const flow = createFlow({
    seed,
    users: USERS,
    orders: ORDERS,
    mix: "exchange-core",
    reduces: true,
  });
  const [naive, engine] = [createNaiveEngine(), createEngine()];
  const [applyFast, record, log] = [createApply(engine), new CommandRecord(), new CommandLog()];
  const wallet = createWallet({ baseScale: 3n, quoteScale: 1n }, () => rates);
  const accounts = Array.from({ length: USERS }, (_, user) => user + 1);
  for (const account of accounts) {
    Object.assign(wallet.free(account), { base: 10n ** 12n, quote: 10n ** 18n });
  }
  const total = totalOf(wallet, accounts);
  const setUp = flowSetUp(USERS, [flow]);
  const step = emptyStep();
  for (let index = 0; index < setUp.length + count; index++) {
    if (index >= setUp.length) flow.next(step);
    const command = setUp[index] ?? toCommand(step);
    const atMs = timeOf(index);
    runFunded(wallet, command, (funded) => {
      log.append(toRecord(funded, record));
      const answer = applyFast(funded, atMs);
      assert.deepStrictEqual(answer, naive.apply(funded, atMs));
      return answer;
    });
    if (index % CHECK_EVERY === 0) assert.deepStrictEqual(totalOf(wallet, accounts), total);
    if (index % (32 * CHECK_EVERY) === 0) checkHolds(wallet);
  }
  checkHolds(wallet);
  compareStates(naive, engine);
  assert.strictEqual(replay(log).stateHash(), engine.stateHash());
  const sides = (["BUY", "SELL"] as const).map((side) => engine.depth(1, side, ORDERS).length);
  return { levels: Math.min(...sides) };
}

function timeOf(index: number): number {
  return START_MS + Math.floor(index / AT_ONCE);
}

function replay(log: CommandLog): Engine {
  const engine = createEngine();
  const [record, events] = [new CommandRecord(), new EventLog()];
  const reader = new CommandReader(log.bytes());
  for (let index = 0; reader.next(record); index++) {
    events.clear();
    engine.apply(record, timeOf(index), events);
  }
  return engine;
}
