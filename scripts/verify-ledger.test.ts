import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { temporaryFolder } from "#mesh/testing/folder.ts";
import { ensureTokenKeys, readKeys } from "#mesh/token-keys.ts";
import { createSigner } from "#mesh/tokens.ts";
import { signChainHead } from "../services/billing/operations/sign-chain-head.ts";
import {
  filledBooks,
  sealAll,
  tamper,
  transferMore,
} from "../services/billing/testing/test-seal.ts";
import { root } from "./platform/node-process.ts";

const stack = new AsyncDisposableStack();
afterAll(async () => stack.disposeAsync());
const { db, superuser } = stack.use(await filledBooks());
const { path } = stack.use(temporaryFolder());
await ensureTokenKeys(path, ["billing"]);
const key = join(path, "jwks.json");
const { sign } = stack.use(createSigner(path, "billing"));
await sealAll(db.url);
await signChainHead({ db, chain: { shard: 0, sign, keys: () => readKeys(key) } });
await transferMore(db.url, 2);

/** Runs the command; what it says on both outputs comes with its code. */
function verify(...args: string[]) {
  const options = { cwd: root, encoding: "utf8" } as const;
  const run = spawnSync(process.execPath, ["scripts/verify-ledger.ts", ...args], options);
  return { status: run.status, said: run.stdout + run.stderr };
}

test("WR-9 the command says that a chain holds, how far it is proven, and what is not sealed", () => {
  const { status, said } = verify("--database", db.url, "--key", key);
  expect([status, said]).toEqual([0, expect.stringContaining("The chain holds.")]);
  expect(said).toContain("verified up to transfer 12");
  expect(said).toContain("not sealed yet: 2 transfers");
  expect(said).toContain("signed heads compared up to transfer 12");
  expect(said).not.toContain("signatures not verified");
});

test("without keys the command says that no signature was verified", () => {
  expect(verify("--database", db.url).said).toContain("signatures not verified: 1, since no keys");
});

test("L19 the command names the first broken transfer and ends with 1", async () => {
  await tamper(superuser, "update transfer set amount = amount + 1 where seq = 7");
  const { status, said } = verify("--database", db.url, "--key", key);
  await tamper(superuser, "update transfer set amount = amount - 1 where seq = 7");
  expect([status, said]).toEqual([1, expect.stringContaining("first broken transfer: 7")]);
});

test.each([
  [[], "--database is missing"],
  [["--database", "postgres://127.0.0.1:1/none"], "ECONNREFUSED"],
  [["--database", "postgres://127.0.0.1:1/none", "--key", "no-such-file"], "ENOENT"],
])("what can't be verified ends with 2: %j", (args, text) => {
  const { status, said } = verify(...args);
  expect([status, said]).toEqual([2, expect.stringContaining(text)]);
});
