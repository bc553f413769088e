import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test, vi } from "vitest";
import { openLog } from "./log-file.ts";
import { startNode } from "./node-process.ts";
import { type Part, supervise } from "./supervise.ts";

const folder = mkdtempSync(join(tmpdir(), "mizan-supervise-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** A part that runs a script of one line, and what its watch has heard. */
function dummy(name: string, script: string) {
  const pids: (number | undefined)[] = [];
  const crashes: string[] = [];
  const log = join(folder, `${name}.log`);
  const part: Part = {
    name,
    start: () =>
      startNode({
        script: "-e",
        args: [script],
        env: {},
        openLog: () => openLog(log, false),
      }),
  };
  const watch = {
    started: (_: string, pid: number | undefined) => void pids.push(pid),
    crashed: (_: string, text: string) => void crashes.push(text),
  };
  const running = () => pids.at(-1);
  return { part, watch, pids, crashes, running, log: () => readFileSync(log, "utf8") };
}

const lasting = `process.stdin.resume().on("end", () => process.exit()); console.log("up");`;

test("R1 a killed process is started again", async () => {
  const { part, watch, pids, crashes, running } = dummy("killed", lasting);
  const supervised = await supervise(part, watch);
  const first = running()!;
  process.kill(first, "SIGKILL");
  await vi.waitUntil(() => pids.length === 3);
  expect([crashes, pids.slice(0, 2)]).toEqual([["SIGKILL"], [first, undefined]]);
  await supervised.stop();
  expect(() => process.kill(pids[2]!, 0)).toThrow("ESRCH");
});

test("R1 a process that ends at once is started ever later, and a stop ends the waiting", async () => {
  const { part, watch, crashes } = dummy("hopeless", "process.exit(3)");
  const supervised = await supervise(part, watch);
  await vi.waitUntil(() => crashes.length === 4, { timeout: 10_000 });
  expect(new Set(crashes)).toEqual(new Set(["exit code 3"]));
  const startMs = performance.now();
  await supervised.stop();
  expect(performance.now() - startMs).toBeLessThan(500);
});

test("a stop asks the process to end in its own way", async () => {
  const drains = `process.on("SIGTERM", () => { console.log("drained"); process.exit(0); });`;
  const { part, watch, log, crashes } = dummy("asked", drains + lasting);
  const supervised = await supervise(part, watch);
  await vi.waitUntil(() => log().includes("up"));
  await supervised.stop();
  expect([log(), crashes]).toEqual(["up\ndrained\n", []]);
});

test("a first start that fails is the caller's to handle", async () => {
  const start = () => Promise.reject(new Error("no binary"));
  const { watch } = dummy("refused", "");
  await expect(supervise({ name: "refused", start }, watch)).rejects.toThrow("no binary");
});
