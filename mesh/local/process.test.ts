import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { isGone } from "../testing/gone.ts";
import { type ServerCommand, startProcess } from "./process.ts";

const folder = await mkdtemp(join(tmpdir(), "mizan-process-"));

afterAll(async () => rm(folder, { recursive: true }));

/** A server that says what it hears; a stubborn one goes on after the signal to stop. */
function server({ isStubborn = false } = {}): ServerCommand {
  const onSignal = isStubborn ? "console.log('no')" : "process.exit(3)";
  const code = `process.on("SIGTERM", () => ${onSignal}); setInterval(() => {}, 1000);
    console.log("up");`;
  return {
    file: process.execPath,
    args: ["-e", code],
    folder,
    logFile: join(folder, "server.log"),
    stopSignal: "SIGTERM",
    stopMs: 200,
  };
}

async function up(): Promise<void> {
  await expect.poll(async () => readFile(join(folder, "server.log"), "utf8")).toContain("up");
}

/** Starts a process that starts the server, and tells both numbers. */
async function startParent() {
  const module = new URL("process.ts", import.meta.url).href;
  const code = `const { startProcess } = await import(${JSON.stringify(module)});
    const server = await startProcess(${JSON.stringify(server())});
    console.log(server.pid);
    setInterval(() => {}, 1000);`;
  const parent = spawn(process.execPath, ["--input-type=module", "-e", code], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = (await once(parent.stdout, "data")) as [Buffer];
  await up();
  return { parent, pid: Number(line) };
}

function parentOf(pid: number): number {
  return Number(execFileSync("ps", ["-o", "ppid=", "-p", String(pid)]));
}

test("disposing of a server asks it to end and waits until it has", async () => {
  const running = await startProcess(server());
  await up();
  await running[Symbol.asyncDispose]();
  expect(isGone(running.pid)).toBe(true);
  expect(await running.exited).toBe("it ended with code 3");
});

test("a server that does not end when asked is killed", async () => {
  const running = await startProcess(server({ isStubborn: true }));
  await up();
  await running[Symbol.asyncDispose]();
  expect(await running.exited).toBe("it ended with SIGKILL");
  expect(await readFile(join(folder, "server.log"), "utf8")).toContain("no");
});

test("the end of a server is told with its cause", async () => {
  await using running = await startProcess(server());
  process.kill(running.pid, "SIGKILL");
  expect(await running.exited).toBe("it ended with SIGKILL");
});

test("a program that is not there is told, and no process is left", async () => {
  const missing = { ...server(), file: join(folder, "missing") };
  const how = startProcess(missing).then(async ({ exited }) => exited, String);
  expect(await how).toMatch(/ENOENT|code 127/);
});

describe("no server outlives its parent", () => {
  test.each(["SIGKILL", "SIGTERM", "SIGINT"] as const)("that ended by %s", async (signal) => {
    const { parent, pid } = await startParent();
    parent.kill(signal);
    await expect.poll(() => isGone(pid)).toBe(true);
  });

  test("whose guard was killed; the parent hears of it", async () => {
    const running = await startProcess(server());
    await up();
    process.kill(parentOf(running.pid), "SIGKILL");
    expect(await running.exited).toContain("guard had died");
    expect(isGone(running.pid)).toBe(true);
  });

  test.runIf(process.platform === "linux")("that was killed together with the guard", async () => {
    const { parent, pid } = await startParent();
    const guard = parentOf(pid);
    process.kill(guard, "SIGSTOP"); // so that it can't do anything between the two kills
    parent.kill("SIGKILL");
    process.kill(guard, "SIGKILL");
    await expect.poll(() => isGone(pid)).toBe(true);
  });
});
