import { expect, test } from "vitest";
import { randomCommands } from "../testing/random-commands.ts";
import { CommandLog, CommandReader } from "./command-log.ts";
import { CommandRecord } from "./command-record.ts";
import type { Command } from "./command.ts";
import { fromRecord } from "./from-record.ts";
import { toRecord } from "./to-record.ts";

const record = new CommandRecord();

test("commands of all kinds are what they were after they were in a log", () => {
  const commands = randomCommands({ seed: 1, count: 3000 }).map(({ command }) => command);
  expect(new Set(commands.map(({ kind }) => kind)).size).toBe(12);
  const log = new CommandLog();
  for (const command of commands) log.append(toRecord(command, record));
  expect(log.count).toBe(commands.length);
  expect(readAll(log.bytes())).toEqual(commands);
});

test("a log is read from any place in memory", () => {
  const command = {
    kind: "CANCEL",
    market: 1,
    account: 2,
    order: "0".repeat(31).concat("3"),
  } as const;
  const log = new CommandLog();
  log.append(toRecord(command, record));
  const bytes = new Uint8Array([9, ...log.bytes()]).subarray(1);
  expect(readAll(bytes)).toEqual([command]);
});

test("moves and cancels take 32 bytes, plain limit orders 64", () => {
  const commands = randomCommands({ seed: 2, count: 2000 }).map(({ command }) => command);
  const short = commands.filter((command) => command.kind === "CANCEL" || isMove(command));
  expect(new Set(short.map(lengthOf))).toEqual(new Set([32]));
  expect(new Set(commands.filter(isPlain).map(lengthOf))).toEqual(new Set([64]));
});

function lengthOf(command: Command): number {
  const log = new CommandLog();
  log.append(toRecord(command, record));
  return log.byteLength;
}

test("a log is emptied", () => {
  const log = new CommandLog();
  log.append(toRecord({ kind: "EXPIRE" }, record));
  log.clear();
  expect([log.count, log.byteLength, log.bytes().length]).toEqual([0, 0, 0]);
});

test("what is no log is refused at the byte where it is not", () => {
  const log = new CommandLog();
  log.append(toRecord({ kind: "EXPIRE" }, record));
  log.append(toRecord({ kind: "STATE", market: 1, state: "HALT" }, record));
  const bytes = Uint8Array.from(log.bytes());
  expect(() => readAll(bytes.with(8, 99))).toThrow("no command at byte 8");
  expect(() => readAll(bytes.with(9, 4))).toThrow("no command at byte 8");
  expect(() => readAll(bytes.subarray(0, -8))).toThrow("no command at byte 8");
  expect(() => readAll(bytes.subarray(0, -4))).toThrow("whole pairs of words");
});

function readAll(bytes: Uint8Array): Command[] {
  const reader = new CommandReader(bytes);
  const commands: Command[] = [];
  while (reader.next(record)) commands.push(fromRecord(record));
  return commands;
}

function isMove(command: Command): boolean {
  if (command.kind !== "AMEND" || command.extraHold > 0n) return false;
  return [command.lots, command.reservePrice, command.stopPrice, command.holdStep].every(
    (value) => value === 0,
  );
}

function isPlain(command: Command): boolean {
  if (command.kind !== "PLACE") return false;
  const { quoteMinor, limitUnits, stopPrice, expireMs, visibleLots, positionLots } = command;
  const rare = [limitUnits, stopPrice, expireMs, visibleLots, positionLots];
  return quoteMinor === 0n && rare.every((value) => value === 0);
}
