import { expect, test } from "vitest";
import { temporaryFolder } from "#mesh/testing/folder.ts";
import { writePrivately } from "#mesh/write-privately.ts";
import { chmodSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { banksFile, banksOf, readBanks } from "./banks.ts";

const sound = {
  name: "bank",
  url: "https://gateway.example.com/pay",
  key: "a-key-of-the-bank",
  hookSecret: "a-secret-that-signs",
  hasStatements: true,
  windowSeconds: 120,
};

test("PAY-10 the banks keep the order of their file, with what may be relied on", () => {
  const second = { ...sound, name: "a-bank", hasStatements: false, dailyLimit: "1000.50" };
  const banks = banksOf(readBanks(JSON.stringify([sound, { ...second, timeoutMs: 500 }])));
  expect([...banks.keys()]).toEqual(["bank", "a-bank"]);
  expect(banks.get("bank")?.caps).toEqual({
    maxTransfers: 100,
    maxLookups: 100,
    timeoutMs: 10_000,
    windowMs: 120_000,
    hasStatements: true,
  });
  expect(banks.get("a-bank")?.caps).toMatchObject({
    timeoutMs: 500,
    hasStatements: false,
    dailyLimitMinor: 100_050n,
  });
});

test.each([
  ["{}", "must name a file with a JSON list of banks"],
  ["[", "must name a file with a JSON list of banks"],
  [JSON.stringify([sound, sound]), "must name a file whose banks have names apart"],
  ...(
    [
      ["name", "A Bank", "must be a name such as first-bank"],
      ["url", "https://gateway/", "must be an address that begins with http:// or https://"],
      ["key", "short", "must be 8 visible characters or more"],
      ["hookSecret", 1234567890123456, "must be 16 visible characters or more"],
      ["hasStatements", "yes", "must be true or false"],
      ["windowSeconds", 1.5, "must be a whole number from 0 to 604800"],
      ["windowSeconds", undefined, "must be a whole number from 0 to 604800"],
      ["dailyLimit", 1000, 'must be an amount such as "250000.00"'],
      ["speed", 3, "is nothing that anybody knows"],
    ] as const
  ).map(([name, value, said]) => [
    JSON.stringify([sound, { ...sound, name: "second", [name]: value }]),
    `must name a file in which "${name}" of bank 2 ${said}`,
  ]),
])("a file with a mistake stops the start with a sentence (%#)", (text, said) => {
  expect(() => readBanks(text)).toThrow(said);
});

const strong = { ...sound, key: "k".repeat(32), hookSecret: "s".repeat(32) };

test.each([
  [
    "url",
    "http://gateway.example.com/pay",
    "must be an address that begins with https:// in production",
  ],
  ["key", "k".repeat(31), "must be 32 visible characters or more in production"],
  ["hookSecret", "s".repeat(31), "must be 32 visible characters or more in production"],
  ["windowSeconds", 0, "must be more than 0 in production"],
])("S6 production refuses what is only handy elsewhere: %s", (name, value, said) => {
  using folder = temporaryFolder();
  const file = join(folder.path, "banks.json");
  const setting = banksFile(["SETTLEMENT_BANKS_FILE", "the banks"]);
  const read = (bank: unknown, profile: string) => {
    writePrivately(file, JSON.stringify([bank]));
    return setting.read({ SETTLEMENT_BANKS_FILE: file, MIZAN_PROFILE: profile })();
  };
  expect(read(strong, "production")).toMatchObject([{ name: "bank" }]);
  const weak = { ...strong, [name]: value };
  expect(read(weak, "development")).toMatchObject([{ name: "bank" }]);
  expect(() => read(weak, "production")).toThrow(
    `must name a file in which "${name}" of bank 1 ${said}`,
  );
});

test("the example for operators is a file that settlement takes in production", () => {
  const [, example = ""] = /```json\n([^]+?)```/.exec(readFileSync("docs/banks.md", "utf8")) ?? [];
  const [bank] = readBanks(example, { isProduction: true });
  expect(bank).toMatchObject({ name: "first-bank", windowMs: 120_000, timeoutMs: 10_000 });
});

test("S15 the file has to be private, and nothing that is printed shows its keys", () => {
  using folder = temporaryFolder();
  const file = join(folder.path, "banks.json");
  writePrivately(file, JSON.stringify([sound]));
  const setting = banksFile(["SETTLEMENT_BANKS_FILE", "the banks"]);
  const read = () => setting.read({ SETTLEMENT_BANKS_FILE: file });
  expect(read()()).toMatchObject([{ name: "bank" }]);
  expect(JSON.stringify({ banks: read() })).not.toContain(sound.key);
  chmodSync(file, 0o644);
  expect(read).toThrow("names a file that everybody may read");
  expect(() => setting.read({})).toThrow("is missing");
});
