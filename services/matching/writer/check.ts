import type { Engine } from "../domain/engine.ts";
import { refusalOf } from "../domain/refusals.ts";
import type { DatabaseClock } from "#mesh/shard/database-clock.ts";
import { ACCOUNT, CommandRecord, LEG_WORDS, TIER } from "../domain/command-record.ts";
import type { Refusal } from "../domain/event.ts";
import { toRecord } from "../domain/to-record.ts";
import type { Submission } from "./submission.ts";

/** What the engine would refuse a command with now, on what is applied. */
export function check(
  engine: Engine,
  time: DatabaseClock,
  { command, owner, fees }: Submission,
): Refusal | undefined {
  const { words } = toRecord(command, record);
  if (owner !== undefined) words[ACCOUNT] = engine.accountOf(owner) ?? NOBODY;
  if (fees !== undefined) {
    words[TIER] = engine.tierOf(fees.maker, fees.taker) ?? NO_TIER;
    if (command.kind === "OCO") words[LEG_WORDS + TIER] = words[TIER];
  }
  return refusalOf(engine.refusal(record, nowMsOf(engine, time)));
}

/** The time that a command would be applied at now. */
export function nowMsOf(engine: Pick<Engine, "atMs">, time: DatabaseClock): number {
  return Math.max(engine.atMs, Math.floor(time.nowUs() / 1000));
}

const record = new CommandRecord();

/** An owner without an account has no orders; what is new has no tier yet. */
const NOBODY = 0;
const NO_TIER = 0;
