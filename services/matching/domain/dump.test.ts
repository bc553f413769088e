import { expect, test } from "vitest";
import { randomCommands } from "../testing/random-commands.ts";
import { START_MS } from "../testing/random-order.ts";
import { CommandRecord } from "./command-record.ts";
import { createEngine } from "./create-engine.ts";
import type { Engine } from "./engine.ts";
import { EventLog } from "./event-log.ts";
import { loadEngine } from "./load-engine.ts";
import { toRecord } from "./to-record.ts";

const record = new CommandRecord();
const commands = randomCommands({ seed: 11, count: 4000 });

test("an engine that was dumped goes on as the one it was dumped from", () => {
  const engine = createEngine();
  applyAll(engine, 0, 2000);
  const loaded = loadEngine(engine.dump());
  loaded.validate();
  expect(loaded.stateHash()).toBe(engine.stateHash());
  expect(applyAll(loaded, 2000, 4000)).toEqual(applyAll(engine, 2000, 4000));
  loaded.validate();
  expect(loaded.stateHash()).toBe(engine.stateHash());
});

test("a dump is a copy, which chunks of any size hold", () => {
  const engine = createEngine();
  applyAll(engine, 0, 1500);
  const hash = engine.stateHash();
  const bytes = joined(engine.dump());
  applyAll(engine, 1500, 3000);
  for (const size of [1000, 4096, bytes.length]) {
    const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, n) =>
      bytes.subarray(n * size, (n + 1) * size),
    );
    expect(loadEngine(chunks).stateHash()).toBe(hash);
  }
});

test("what is no dump is refused", () => {
  const engine = createEngine();
  applyAll(engine, 0, 300);
  const bytes = joined(engine.dump());
  expect(() => loadEngine([bytes.subarray(0, -8)])).toThrow("cut off");
  expect(() => loadEngine([bytes, new Uint8Array(8)])).toThrow("ends with the state");
  expect(() => loadEngine([bytes.with(6, 1)])).toThrow("this format");
  expect(() => loadEngine([])).toThrow("cut off");
});

/** The bytes of all events of some of the commands. */
function applyAll(engine: Engine, from: number, to: number): Uint8Array {
  const events = new EventLog();
  let atMs = START_MS;
  for (const [n, { command, afterMs }] of commands.entries()) {
    atMs += afterMs;
    if (n >= from && n < to) engine.apply(toRecord(command, record), atMs, events);
  }
  return Uint8Array.from(events.bytes());
}

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(chunks.flatMap((chunk) => [...chunk]));
}
