import { expect, test } from "vitest";
import { reasonOf } from "#mesh/errors.ts";
import { derivedId, newId, ZERO_ID } from "#mesh/ids.ts";
import { EXPORTED_CHUNK_ENTRIES } from "#mesh/limits.ts";
import { createAssets } from "../domain/asset.ts";
import { TransferCodes } from "../domain/chart.ts";
import { make } from "../testing/test-ledger.ts";
import { twoWallets } from "../testing/random-wallets.ts";
import { charge, newOwner, testBilling } from "../testing/test-billing.ts";
import { exportEntries } from "./export-entries.ts";
import { fileHead, fileLines } from "./statement-file.ts";

const textOf = async (pieces: AsyncIterable<Uint8Array>) => {
  const all = await Array.fromAsync(pieces);
  return all.map((piece) => new TextDecoder().decode(piece)).join("");
};

const irr = createAssets([{ ledger: 1, code: "IRR", scale: 2 }]).byCode("IRR")!;

const entry = {
  id: "0".repeat(31) + "a",
  type: "charge",
  side: "credit",
  amountMinor: 12_50n,
  balance: { ledger: 1, availableMinor: 100_00n, heldMinor: 5n },
  reference: "cash",
  atUs: 1_790_000_000_000_007,
} as const;

test("a file of CSV has a line of names, and its lines end as RFC 4180 has them", () => {
  expect(fileHead("csv") + fileLines("csv", irr, [entry])).toBe(
    "id,create_time,type,side,asset,amount,available_after,held_after,total_after,reference\r\n" +
      "00000000-0000-0000-0000-00000000000a,2026-09-21T14:13:20.000007Z,CHARGE,CREDIT,IRR,12.50," +
      "100.00,0.05,100.05,cash\r\n",
  );
});

test("a file of JSON has an object a line, with the same names", () => {
  expect(fileHead("json")).toBe("");
  const [line, rest] = fileLines("json", irr, [entry]).split("\n");
  expect(rest).toBe("");
  expect(Object.keys(JSON.parse(line!) as object).join()).toBe(fileHead("csv").trim());
});

test.each([
  ["cash", "cash"],
  ["", ""],
  ["one, two", '"one, two"'],
  ['the "best"', '"the ""best"""'],
  ["two\nlines", '"two\nlines"'],
  ["=1+1", "'=1+1"],
  ["+98 912", "'+98 912"],
  ["-2", "'-2"],
  ["@SUM(A1)", "'@SUM(A1)"],
  ["\t=1", "'\t=1"],
  ["\r=1", '"\'\r=1"'],
  ['=HYPERLINK("x","y")', `"'=HYPERLINK(""x"",""y"")"`],
  ["1-1=0", "1-1=0"],
])("the reference %j is no formula in a spreadsheet, and one cell: %j", (reference, cell) => {
  const line = fileLines("csv", irr, [{ ...entry, reference }]);
  expect(line.endsWith(`,100.05,${cell}\r\n`)).toBe(true);
});

test("an export has what was there when it was asked for, and nothing that came meanwhile", async () => {
  await using world = await testBilling();
  const { billing } = world;
  const { owners, names } = await twoWallets(billing);
  const charges = Array.from({ length: 2 * EXPORTED_CHUNK_ENTRIES }, (_, place) => ({
    id: derivedId(`charge ${place}`),
    debitAccountId: names.world,
    creditAccountId: names.a,
    amount: BigInt(place),
    pendingId: ZERO_ID,
    timeoutSeconds: 0,
    ledger: 1,
    code: TransferCodes.CHARGE,
    flags: 0,
    userData: ZERO_ID,
  }));
  await make(billing.writer, ...charges);
  const file = { ownerId: owners[0], asset: "IRR", format: "csv" } as const;
  const pieces = exportEntries(billing, file, {});
  const head = await pieces.next();
  await charge(billing, { userId: owners[0] });
  const lines = (await textOf(pieces)).split("\r\n").slice(0, -1);
  expect(new TextDecoder().decode(head.value)).toBe(fileHead("csv"));
  const amounts = lines.map((line) => line.split(",")[5]);
  expect(amounts).toEqual(charges.map(({ amount }) => (Number(amount) / 100).toFixed(2)));
});

test("an export is bounded by times, and has nothing of what the owner never had", async () => {
  await using world = await testBilling();
  const { billing } = world;
  const ownerId = await newOwner(billing);
  for (const reference of ["one", "two", "three"]) {
    await charge(billing, { userId: ownerId, reference });
  }
  const file = { ownerId, asset: "IRR", format: "json" } as const;
  const all = (await textOf(exportEntries(billing, file, {}))).split("\n").slice(0, -1);
  const times = all.map((line) => (JSON.parse(line) as { create_time: string }).create_time);
  const [, second, third] = times.map(
    (time) => Date.parse(time) * 1000 + Number(time.slice(23, 26)),
  );
  const range = { startUs: second, endUs: third };
  expect(await textOf(exportEntries(billing, { ...file, ...range }, {}))).toBe(`${all[1]}\n`);
  expect(await textOf(exportEntries(billing, { ...file, ownerId: newId() }, {}))).toBe("");
  const other = { ...file, asset: "USDT", format: "csv" } as const;
  expect(await textOf(exportEntries(billing, other, {}))).toBe(fileHead("csv"));
  const unknown = exportEntries(billing, { ...file, asset: "XAU" }, {}).next();
  expect(reasonOf(await unknown.catch((error: unknown) => error))).toBe("UNKNOWN_ASSET");
});

test("an export ends when its caller has left, and at the deadline", async () => {
  await using world = await testBilling();
  const { billing } = world;
  const ownerId = await newOwner(billing, "1.00");
  const file = { ownerId, asset: "IRR", format: "csv" } as const;
  const caller = new AbortController();
  const pieces = exportEntries(billing, file, { signal: caller.signal });
  await pieces.next();
  const left = new Error("the caller has left");
  caller.abort(left);
  await expect(pieces.next()).rejects.toBe(left);
  const bounds = { deadlineMs: Infinity };
  const late = exportEntries(billing, file, bounds);
  await late.next();
  bounds.deadlineMs = Date.now();
  const refusal = await late.next().catch((error: unknown) => error);
  expect(reasonOf(refusal)).toBe("DEADLINE_PASSED");
});
