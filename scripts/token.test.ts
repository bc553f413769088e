import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ensureCertificates } from "#mesh/certificates.ts";
import { createVerifier } from "#mesh/token-verifier.ts";
import { root } from "./platform/node-process.ts";

const home = mkdtempSync(join(tmpdir(), "mizan-token-"));
const certs = join(home, "certs");
beforeAll(async () => ensureCertificates(certs, ["core", "billing"]));
afterAll(() => rmSync(home, { recursive: true }));

function token(...args: string[]) {
  const env = { ...process.env, MIZAN_HOME: home };
  const options = { cwd: root, env, encoding: "utf8" } as const;
  return spawnSync(process.execPath, ["scripts/token.ts", ...args], options);
}

test("the token names who calls, to whoever is called and to nobody else", async () => {
  using verifier = createVerifier(certs);
  const printed = token("--as", "core", "--to", "billing").stdout.trim();
  expect(await verifier.internal(printed, "billing")).toMatchObject({ service: "core" });
  await expect(verifier.internal(printed, "core")).rejects.toThrow();
});

test.each([
  [["--to", "billing"], "--as names who calls"],
  [["--as", "core", "--to", "nobody"], "--to names who is called"],
])("what is missing is told: %j", (args, text) => {
  const { status, stderr } = token(...args);
  expect([status, stderr]).toEqual([1, expect.stringContaining(text)]);
});
