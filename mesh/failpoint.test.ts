import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "./testing/folder.ts";

// Failpoints end processes, so each test has one of its own.

test("without a folder of orders a failpoint does nothing", async () => {
  expect(await run({})).toEqual(["passed twice", 0]);
});

test("a step that nobody names is passed", async () => {
  using folder = temporaryFolder();
  writeFileSync(join(folder.path, "another"), "kill");
  expect(await run({ MIZAN_FAILPOINTS: folder.path })).toEqual(["passed twice", 0]);
});

test("kill ends the process at once, and the next one passes", async () => {
  using folder = temporaryFolder();
  writeFileSync(join(folder.path, "step"), "kill");
  expect(await run({ MIZAN_FAILPOINTS: folder.path })).toEqual(["", "SIGKILL"]);
  expect(await run({ MIZAN_FAILPOINTS: folder.path })).toEqual(["passed twice", 0]);
});

test("fail throws once", async () => {
  using folder = temporaryFolder();
  writeFileSync(join(folder.path, "step"), "fail\n");
  const env = { MIZAN_FAILPOINTS: folder.path };
  expect(await run(env)).toEqual(["A test lets step fail. passed", 0]);
});

test("wait says that it waits, and goes on when it is told to", async () => {
  using folder = temporaryFolder();
  const [step, waiting] = [join(folder.path, "step"), join(folder.path, "step.waiting")];
  writeFileSync(step, "wait");
  const ended = run({ MIZAN_FAILPOINTS: folder.path });
  await expect.poll(() => existsSync(waiting)).toBe(true);
  expect(readFileSync(waiting, "utf8")).toMatch(/^\d*$/);
  writeFileSync(`${step}.go`, "");
  expect(await ended).toEqual(["passed twice", 0]);
  expect([existsSync(step), existsSync(`${step}.go`)]).toEqual([false, false]);
});

test("an order that is none is told apart from one that is done", async () => {
  using folder = temporaryFolder();
  writeFileSync(join(folder.path, "step"), "explode");
  const [output] = await run({ MIZAN_FAILPOINTS: folder.path });
  expect(output).toBe('A test orders "explode" at step, which is nothing. passed');
});

test("production has no failpoints", async () => {
  using folder = temporaryFolder();
  writeFileSync(join(folder.path, "step"), "kill");
  const env = { MIZAN_FAILPOINTS: folder.path, MIZAN_PROFILE: "production" };
  expect(await run(env)).toEqual(["passed twice", 0]);
  expect(existsSync(join(folder.path, "step"))).toBe(true);
});

/** Comes to the step twice in a process of its own; what it printed, and how it ended. */
async function run(env: Record<string, string>): Promise<[output: string, end: unknown]> {
  const script = `
    import { failpoint } from ${JSON.stringify(join(import.meta.dirname, "failpoint.ts"))};
    const past = async () => failpoint("step").then(() => "passed", (error) => error.message);
    const [first, second] = [await past(), await past()];
    process.stdout.write(first === second ? "passed twice" : first + " " + second);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
    env: { PATH: process.env["PATH"], ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.on("data", (part) => (output += part));
  const [code, signal] = (await once(child, "close")) as [number | null, string | null];
  return [output, signal ?? code];
}
