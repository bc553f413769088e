import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { layoutOf } from "./layout.ts";
import { ensureMagfaAccount } from "./magfa-account.ts";

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "mizan-magfa-"));
  mkdirSync(join(home, "simulators"));
});
afterEach(() => rmSync(home, { recursive: true }));

test("both sides are told of the same account, at every start of a home", () => {
  const { customer, provider } = ensureMagfaAccount(layoutOf(home, 0));
  const files = [customer.MAGFA_PASSWORD_FILE, customer.MAGFA_HOOK_SECRET_FILE];
  const secrets = [provider.MAGFA_PASSWORD, provider.MAGFA_HOOK_SECRET];
  expect(files.map((file) => readFileSync(file, "utf8"))).toEqual(secrets);
  expect(new Set(secrets).size).toBe(2);
  expect(ensureMagfaAccount(layoutOf(home, 0))).toEqual({ customer, provider });
});

test("nobody else can read its secrets", () => {
  const { customer } = ensureMagfaAccount(layoutOf(home, 0));
  const files = [customer.MAGFA_PASSWORD_FILE, customer.MAGFA_HOOK_SECRET_FILE];
  expect(files.map((file) => statSync(file).mode & 0o077)).toEqual([0, 0]);
});

test("everything moves with the offset of the stack", () => {
  const { customer, provider } = ensureMagfaAccount(layoutOf(home, 1000));
  expect(customer.MAGFA_URL).toBe("http://127.0.0.1:8900/magfa/api/http/sms/v2");
  expect(provider.MAGFA_HOOK_URL).toBe("http://127.0.0.1:9080/hooks/sms/magfa");
});
