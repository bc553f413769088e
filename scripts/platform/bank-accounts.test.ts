import { mkdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "#mesh/testing/folder.ts";
import { ensureBankAccounts } from "./bank-accounts.ts";
import { layoutOf } from "./layout.ts";

type Bank = { readonly [name: string]: unknown };

function accountsOf(home: string, offset: number) {
  mkdirSync(join(home, "simulators"), { recursive: true });
  const { customer, provider } = ensureBankAccounts(layoutOf(home, offset));
  const file = customer.SETTLEMENT_BANKS_FILE;
  return { file, banks: JSON.parse(readFileSync(file, "utf8")) as Bank[], provider };
}

test("both sides are told of the same accounts, at every start of a home", () => {
  using folder = temporaryFolder();
  const first = accountsOf(folder.path, 0);
  expect(first.banks).toMatchObject([
    {
      name: "bank",
      url: "http://127.0.0.1:7901",
      key: first.provider["BANK_KEY"],
      hookSecret: first.provider["BANK_HOOK_SECRET"],
    },
    { name: "bank-second", key: first.provider["BANK_SECOND_KEY"] },
  ]);
  expect(new Set(first.banks.flatMap(({ key, hookSecret }) => [key, hookSecret])).size).toBe(4);
  expect(accountsOf(folder.path, 0)).toEqual(first);
});

test("nobody else can read the file of the banks", () => {
  using folder = temporaryFolder();
  expect(statSync(accountsOf(folder.path, 0).file).mode & 0o077).toBe(0);
});

test("everything moves with the offset of the stack, and the keys stay", () => {
  using folder = temporaryFolder();
  const [before, { banks, provider }] = [accountsOf(folder.path, 0), accountsOf(folder.path, 1000)];
  expect(banks[0]).toEqual({ ...before.banks[0], url: "http://127.0.0.1:8901" });
  expect(provider["BANK_HOOK_URL"]).toBe("http://127.0.0.1:9080/hooks/bank/bank");
  expect(provider["BANK_SECOND_PORT"]).toBe("8902");
});
