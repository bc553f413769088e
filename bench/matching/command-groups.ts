import { CommandLog, CommandReader } from "../../services/matching/domain/command-log.ts";
import { CommandRecord } from "../../services/matching/domain/command-record.ts";
import type { Command } from "../../services/matching/domain/command.ts";
import { toRecord } from "../../services/matching/domain/to-record.ts";
import { createFlow, emptyStep, type FlowOptions } from "../../services/matching/testing/flow.ts";
import { flowId, flowSetUp, toCommand } from "../../services/matching/testing/flow-commands.ts";
import type { Submission } from "../../services/matching/writer/submission.ts";
import type { RecordWriter } from "../../services/matching/writer/writer.ts";
import { USERS } from "./logs.ts";

/** Commands that are handed to the writer at a time, as records. */
export type Group = { readonly count: number; readonly bytes: Uint8Array };

/** A flow that goes on from run to run, on the first market. */
export type FlowSource = {
  /** What makes accounts, fees and the market known. */
  readonly setUp: readonly Command[];
  /** Draws the next commands as records, in groups. */
  readonly drawGroups: (count: number, size: number) => Group[];
  /** Draws the next commands as callers of the service hand them over. */
  readonly drawSubmissions: (count: number) => Submission[];
  readonly liveOrders: () => number;
};

/** Makes a flow. */
export function createSource(options: FlowOptions): FlowSource {
  const flow = createFlow(options);
  const step = emptyStep();
  const next = () => {
    flow.next(step);
    return toCommand(step);
  };
  return {
    setUp: flowSetUp(USERS, [flow]),
    drawGroups: (count, size) =>
      Array.from({ length: Math.ceil(count / size) }, (_, at) => {
        const some = Math.min(size, count - at * size);
        return toGroup(Array.from({ length: some }, next));
      }),
    drawSubmissions: (count) =>
      Array.from({ length: count }, () => {
        const command = next();
        return { owner: owners[step.user]!, fees: FEES, command };
      }),
    liveOrders: flow.liveOrders,
  };
}

/** The records of some commands. */
export function toGroup(commands: readonly Command[]): Group {
  log.clear();
  for (const command of commands) log.append(toRecord(command, record));
  return { count: commands.length, bytes: Uint8Array.from(log.bytes()) };
}

/** Has the writer journal and apply a group; returns how many commands it has. */
export async function submitGroup(writer: RecordWriter, { count, bytes }: Group): Promise<number> {
  await writer.submitRecords(count, (batch) => {
    const reader = new CommandReader(bytes);
    while (reader.next(record)) batch.append(record);
  });
  return count;
}

const [log, record] = [new CommandLog(), new CommandRecord()];
const owners = Array.from({ length: USERS }, (_, user) => flowId(user + 1, 0));
const FEES = { maker: { ppm: 1000, perLot: 0 }, taker: { ppm: 1500, perLot: 0 } };
