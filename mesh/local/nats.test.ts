import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { natsConfig, parseNatsVersion } from "./nats-config.ts";
import { findNats } from "./nats-program.ts";
import { startNats } from "./nats.ts";
import { freePorts } from "./ports.ts";

describe("startNats()", () => {
  test("starts a server that answers, and stops it", async () => {
    const { folder, port } = await place();
    await using nats = await startNats({ folder, port });
    expect(nats.url).toBe(`nats://127.0.0.1:${port}`);
    expect(process.kill(nats.pid, 0)).toBe(true);
    await nats[Symbol.asyncDispose]();
    expect(() => process.kill(nats.pid, 0)).toThrow("ESRCH");
    await rm(folder, { recursive: true });
  });

  test("says why when another server has the port", async () => {
    const { folder, port } = await place();
    const other = await place();
    await using first = await startNats({ folder, port });
    await expect(startNats({ folder: other.folder, port })).rejects.toThrow(
      "address already in use",
    );
    expect(process.kill(first.pid, 0)).toBe(true);
    await rm(other.folder, { recursive: true });
    await first[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });
});

describe("natsConfig()", () => {
  test("N17: the server at hand accepts the configuration for its version", async () => {
    const { folder, port } = await place();
    const { file, version } = await findNats({});
    const config = join(folder, "nats.conf");
    const settings = { port, serverName: "a", storeFolder: folder, syncAlways: true };
    await writeFile(config, natsConfig(version, settings));
    const { stderr } = await promisify(execFile)(file, ["-t", "-c", config]);
    expect(stderr).toMatch(/is valid/);
    await rm(folder, { recursive: true });
  });

  test.each([
    ["nats-server: v2.9.10", false],
    ["nats-server: v2.10.0", true],
    ["nats-server: v2.12.15", true],
    ["nats-server: v3.0.0-RC.1", true],
  ])("N17: %s is told to write through: %s", (text, known) => {
    const settings = { port: 4222, serverName: "a", storeFolder: "b", syncAlways: true };
    const config = natsConfig(parseNatsVersion(text), settings);
    expect(config.includes("sync_interval")).toBe(known);
  });

  test("refuses a version that it can't read", () => {
    expect(() => parseNatsVersion("gnatsd 1")).toThrow("not the version of a nats-server");
  });
});

async function place() {
  const [port] = await freePorts(1);
  return { folder: await mkdtemp(join(tmpdir(), "mizan-nats-")), port: port! };
}
