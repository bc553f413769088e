import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readDevFile } from "../scripts/platform/dev-file.ts";
import { tailOf } from "../scripts/platform/log-file.ts";
import { root } from "../scripts/platform/node-process.ts";
import { freeOffset } from "../scripts/platform/ports.ts";
import { askReady } from "../scripts/platform/ready.ts";
import { eventually, isAlive } from "./processes.ts";

// The start script as people run it, in processes of its own; each test goes on from the one before.

const homes = [1, 2].map((n) => mkdtempSync(join(tmpdir(), `mizan-start-${n}-`))) as [
  string,
  string,
];
const started: ChildProcess[] = [];
let offsets: [number, number];

beforeAll(async () => {
  for (const home of homes) chmodSync(home, 0o711);
  const [one, other] = [await freeOffset(), await freeOffset()];
  offsets = [one, one === other ? other + 100 : other];
});
afterAll(async () => {
  for (const child of started) child.kill("SIGTERM");
  await Promise.all(started.map(ended));
  for (const home of homes) rmSync(home, { recursive: true, force: true });
});

/** Runs npm start's script on one of the homes. */
function start(which: 0 | 1): { child: ChildProcess; home: string; output: () => string } {
  const home = homes[which];
  const env = { ...process.env, MIZAN_HOME: home, MIZAN_PORT_OFFSET: String(offsets[which]) };
  const child = spawn(process.execPath, ["scripts/start.ts"], { cwd: root, env, stdio: "pipe" });
  started.push(child);
  let text = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (part) => (text += part));
  return { child, home, output: () => text };
}

async function isUp({ child, home, output }: ReturnType<typeof start>): Promise<number[]> {
  const isThere = () => existsSync(join(home, "dev.json")) || child.exitCode !== null;
  await eventually(`${home} is up`, isThere, 240_000); // a first start may build the broker
  if (child.exitCode !== null) throw new Error(`The start ended: ${output()}`);
  return Object.values(readDevFile(home).pids);
}

async function ended(child: ChildProcess): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  return child.exitCode;
}

let first: ReturnType<typeof start>;
let second: ReturnType<typeof start>;
let firstPids: number[];

test("two stacks run side by side", { timeout: 300_000 }, async () => {
  first = start(0);
  firstPids = await isUp(first);
  second = start(1);
  await isUp(second);
  const devs = homes.map(readDevFile);
  const simulators = devs.map((dev) => new URL(dev.simulators["magfa"]!).host);
  const addresses = [...devs.flatMap(({ metrics }) => Object.values(metrics)), ...simulators];
  expect(await Promise.all(addresses.map(askReady))).toEqual(addresses.map(() => ""));
  expect(new Set(addresses).size).toBe(2 * 8); // five services, two workers, the simulators
});

test("the secrets of a home are for its owner alone", () => {
  const files = ["admin.json", "dev.json", "simulators/magfa-password", "simulators/banks.json"];
  const modes = files.map((file) => statSync(join(homes[0], file)).mode & 0o077);
  expect(modes).toEqual(files.map(() => 0));
});

test("a second start on a home that is taken says so and changes nothing", async () => {
  const late = start(0);
  expect(await ended(late.child)).toBe(1);
  expect(late.output()).toContain(`A stack of ${homes[0]} is running already`);
  expect(firstPids.every(isAlive)).toBe(true);
});

test("kill -9 of the start leaves no process of its own, and the other stack alone", async () => {
  first.child.kill("SIGKILL");
  await eventually("its processes are gone", () => !firstPids.some(isAlive), 20_000);
  const pids = Object.values(readDevFile(homes[1]).pids);
  expect(pids.every(isAlive)).toBe(true);
}, 30_000);

test("the second start is ready within 10 s", { timeout: 60_000 }, async () => {
  rmSync(join(homes[0], "dev.json"));
  const startMs = performance.now();
  first = start(0);
  firstPids = await isUp(first);
  expect(performance.now() - startMs).toBeLessThan(10_000);
});

test("R6 SIGTERM drains everything, ends with 0 and leaves no process", async () => {
  const startMs = performance.now();
  first.child.kill("SIGTERM");
  const text = expect.stringContaining("Everything has stopped.") as string;
  expect([await ended(first.child), first.output()]).toEqual([0, text]);
  expect(performance.now() - startMs).toBeLessThan(10_000); // nobody had to be killed
  expect([firstPids.some(isAlive), existsSync(join(homes[0], "dev.json"))]).toEqual([false, false]);
}, 30_000);

test("R6 services drain while their database still serves, and it shuts down after them", () => {
  const names = ["core", "billing", "sms", "settlement", "matching", "sms-express", "sms-bulk"];
  const ends = names.map((name) => tailOf(join(homes[0], "logs", `${name}.log`), 3));
  const stopped = expect.stringContaining("the process has stopped") as string;
  expect(ends).toEqual(names.map(() => stopped));
  const last = tailOf(join(homes[0], "postgres", "postgres.log"), 3);
  expect(last).toContain("database system is shut down");
});

test("a second signal ends the start at once, and its processes follow", async () => {
  const { pids } = readDevFile(homes[1]);
  process.kill(pids["core"]!, "SIGSTOP"); // so that the drain has to wait for it
  second.child.kill("SIGINT");
  await eventually("it stops", () => second.output().includes("Stopping"), 5000);
  await delay(600); // npm and the terminal send a signal twice; what comes sooner counts once
  second.child.kill("SIGINT");
  expect(await ended(second.child)).toBe(130);
  process.kill(pids["core"]!, "SIGCONT");
  await eventually("they are gone", () => !Object.values(pids).some(isAlive), 20_000);
}, 40_000);
