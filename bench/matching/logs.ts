import { CommandLog } from "../../services/matching/domain/command-log.ts";
import { CommandRecord } from "../../services/matching/domain/command-record.ts";
import { toRecord } from "../../services/matching/domain/to-record.ts";
import type { Command } from "../../services/matching/domain/command.ts";
import { flowSetUp, toCommand } from "../../services/matching/testing/flow-commands.ts";
import { stepsOf, type Tape } from "./tape.ts";

/** The commands of a tape as the journal would have them. */
export type Logs = {
  /** Accounts, fees and the market, then the orders that fill its book. */
  readonly fill: Uint8Array;
  readonly measured: Uint8Array;
  /** How many commands are measured. */
  readonly count: number;
};

/** Turns a tape into commands of market 1. */
export function toLogs(tape: Tape): Logs {
  const [fill, measured] = [createLog(), createLog()];
  for (const command of flowSetUp(USERS, [tape])) fill.add(command);
  let left = tape.fill;
  for (const step of stepsOf(tape)) (left-- > 0 ? fill : measured).add(toCommand(step));
  return { fill: fill.bytes(), measured: measured.bytes(), count: tape.count - tape.fill };
}

/** Collects commands; its bytes are a copy. */
export function createLog() {
  const log = new CommandLog();
  const record = new CommandRecord();
  return {
    add: (command: Command) => log.append(toRecord(command, record)),
    bytes: (): Uint8Array => Uint8Array.from(log.bytes()),
  };
}

/** How many accounts the flows have. */
export const USERS = 1000;
