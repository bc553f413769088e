import { execFile } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { root } from "../../scripts/platform/node-process.ts";
import { temporaryStack } from "../../scripts/platform/temporary-stack.ts";
import type { SeedFile } from "../../scripts/seed/file.ts";
import { decided, httpOf, reasonOf } from "./http.ts";
import { irr } from "./people.ts";
import { CREATE, shownIn } from "./withdraw.ts";

test("a seed makes merchants who can withdraw at once, and a load for ghz", async () => {
  await using stack = await temporaryStack({ say: () => undefined });
  const dev = stack.current().describe();
  const home = dirname(dev.certs);
  const http = httpOf(dev.origin);
  const seed = async () => {
    const args = ["scripts/seed.ts", "merchants", "3", "--credit", "5", "--pool", "2"];
    const env = { ...process.env, MIZAN_HOME: home };
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root, env });
    const file = join(home, "seed/merchants.json");
    return { stdout, file, ...(JSON.parse(readFileSync(file, "utf8")) as SeedFile) };
  };
  const { merchants, password } = await seed();
  const withdraw = async ({ token: as }: { readonly token: string }) => {
    const sent = { body: { amount: irr("1.00") }, as, key: crypto.randomUUID() };
    const answer = await decided(http, CREATE, sent);
    return reasonOf(answer) ?? shownIn(answer).state;
  };
  const ends = [];
  for (const merchant of merchants) ends.push(await withdraw(merchant));
  expect(ends).toEqual(["STATE_SUCCEEDED", "STATE_SUCCEEDED", "POOL_EXHAUSTED"]);
  const body = { username: merchants[0]!.username, password };
  const login = await http("/mizan.core.v1.UserService/Login", { body });
  expect(login.status).toBe(200);

  const again = await seed();
  expect(again.stdout).toContain("3 merchants may use 5 IRR each; the pool has 2.00 IRR.");
  expect(again.merchants.map(({ id }) => id)).toEqual(merchants.map(({ id }) => id));
  expect(await withdraw(again.merchants[2]!)).toBe("STATE_SUCCEEDED");
  const config = JSON.parse(readFileSync(join(home, "seed/ghz.json"), "utf8"));
  expect(config).toMatchObject({
    host: dev.grpc["core"],
    call: "mizan.core.v1.WithdrawalService/CreateWithdrawal",
    metadata: { "idempotency-key": "{{newUUID}}" },
  });
  expect(config.metadata.authorization).toContain(again.merchants[2]!.token);
  expect(statSync(again.file).mode & 0o077).toBe(0);
}, 120_000);
