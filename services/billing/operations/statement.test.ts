import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { uuidOf } from "#mesh/ids.ts";
import { fromMinor } from "#mesh/money.ts";
import { inOrdersAccount, availableAccount } from "../domain/chart.ts";
import type { Entry } from "../domain/wallet.ts";
import { naiveBooks, type NaiveRow, readRows } from "../testing/naive-books.ts";
import { batches, happen, twoWallets } from "../testing/random-wallets.ts";
import { testBilling } from "../testing/test-billing.ts";
import { exportEntries } from "./export-entries.ts";
import { type EntryFilter, listEntries } from "./list-entries.ts";

// A statement against its naive twin: the rows of the books, read one by one.

const world = await testBilling();
afterAll(async () => world[Symbol.asyncDispose]());

const typeNames: Readonly<Record<number, string>> = {
  1: "charge",
  2: "sms_deduction",
  3: "refund",
  9: "trade",
  10: "fee",
  12: "withdrawal",
  15: "reversal",
  23: "deposit",
};

type World = Awaited<ReturnType<typeof testBilling>>;

type Line = Pick<Entry, "id" | "type" | "side" | "amountMinor" | "reference" | "atUs"> & {
  readonly availableMinor: bigint;
  readonly heldMinor: bigint;
};

/** The statement of an owner, oldest first. */
async function naiveStatement({ billing }: World, ownerId: string): Promise<Line[]> {
  const asset = billing.assets.byCode("IRR")!;
  const ids = [availableAccount(ownerId, asset).id, inOrdersAccount(ownerId, asset).id];
  const [available, inOrders] = await billing.writer.submit({
    eventCount: 1,
    decide: ({ ledger }) => ids.map((id) => ledger.account(id)!.slot),
  });
  const books = naiveBooks();
  return (await readRows(billing.db)).flatMap((row) => {
    books.apply(row);
    const [own, orders] = [books.of(available!), books.of(inOrders!)];
    const entry = entryOf(row, available!, inOrders!);
    const balance = {
      availableMinor: own.c - own.d - own.dp,
      heldMinor: own.dp + orders.c - orders.d,
    };
    return entry === undefined ? [] : [{ ...entry, ...balance }];
  });
}

function entryOf(row: NaiveRow, available: number, inOrders: number) {
  const isOwn = (slot: number) => slot === available || slot === inOrders;
  const [isFrom, isTo] = [isOwn(row.debit_slot), isOwn(row.credit_slot)];
  const isMoved = row.kind === 1 || row.kind === 3;
  if (!isFrom && !(isTo && isMoved)) return undefined;
  const toOrders = row.credit_slot === inOrders ? "hold" : "hold_release";
  const moved = row.reverts_at_us !== null ? "reversal" : (typeNames[row.code] ?? "transfer");
  const type = isFrom && isTo ? toOrders : moved;
  const side = isFrom ? "debit" : "credit";
  return {
    id: row.id,
    type: (isMoved ? type : row.kind === 2 ? "hold" : "hold_release") as Entry["type"],
    side: isMoved && isFrom !== isTo ? side : "none",
    amountMinor: row.amount,
    reference: row.reference,
    atUs: row.at_us,
  } as const;
}

/** All pages of a list, one after the other, oldest first. */
async function pagesOf(
  { billing }: World,
  ownerId: string,
  filter: EntryFilter = {},
): Promise<Line[]> {
  const rows: Entry[] = [];
  let pageToken = "";
  do {
    const page = { ownerId, asset: "IRR", pageSize: 7, pageToken, ...filter };
    const found = await listEntries(billing, page, {});
    rows.push(...found.rows);
    pageToken = found.nextPageToken;
  } while (pageToken !== "");
  return rows.toReversed().map(toLine);
}

function toLine({ balance, ...entry }: Entry): Line {
  return { ...entry, availableMinor: balance.availableMinor, heldMinor: balance.heldMinor };
}

/** A line as the file has it. */
function toWritten({ id, type, side, reference, ...line }: Line) {
  return {
    id: uuidOf(id),
    type: type.toUpperCase(),
    side: side.toUpperCase(),
    asset: "IRR",
    amount: fromMinor(line.amountMinor, 2),
    available_after: fromMinor(line.availableMinor, 2),
    held_after: fromMinor(line.heldMinor, 2),
    total_after: fromMinor(line.availableMinor + line.heldMinor, 2),
    reference,
  };
}

/** The lines of the file. */
async function exported({ billing }: World, ownerId: string): Promise<object[]> {
  const file = { ownerId, asset: "IRR", format: "json" } as const;
  const pieces = await Array.fromAsync(exportEntries(billing, file, {}));
  const text = pieces.map((piece) => new TextDecoder().decode(piece)).join("");
  return text
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as object);
}

test("EXT-6 each balance of a statement is the fold of the rows, and the export is the pages reversed", async () => {
  const seen = new Set<string>();
  await fc.assert(
    fc.asyncProperty(batches, async (all) => {
      const { owners, names } = await twoWallets(world.billing);
      await happen(world, names, all);
      for (const ownerId of owners) {
        const lines = await pagesOf(world, ownerId);
        expect(lines).toEqual(await naiveStatement(world, ownerId));
        expect(await exported(world, ownerId)).toMatchObject(lines.map(toWritten));
        for (const { type } of lines) seen.add(type);
      }
    }),
    { numRuns: 12 },
  );
  const all = Object.values(typeNames).concat("hold", "hold_release", "transfer");
  expect(all.filter((type) => !seen.has(type))).toEqual([]);
});

test("EXT-6 a statement of many months is whole, from either end", async () => {
  await using later = await testBilling();
  const [all] = fc.sample(batches, { numRuns: 1, seed: 5 });
  const { owners, names } = await twoWallets(later.billing);
  await happen(later, names, all!, 45);
  for (const ownerId of owners) {
    const lines = await naiveStatement(later, ownerId);
    expect(lines.at(-1)!.atUs - lines[0]!.atUs).toBeGreaterThan(100 * 24 * 3600 * 1_000_000);
    expect(await pagesOf(later, ownerId)).toEqual(lines);
    expect(await exported(later, ownerId)).toMatchObject(lines.map(toWritten));
  }
});

test("EXT-6 a filtered statement is the statement without what does not fit", async () => {
  const filters = fc.record({
    types: fc.subarray([
      "charge",
      "hold",
      "hold_release",
      "trade",
      "reversal",
      "transfer",
    ] as const),
    reference: fc.constantFrom("", "", "reference 1"),
    range: fc.tuple(fc.nat(100), fc.nat(100)),
  });
  await fc.assert(
    fc.asyncProperty(batches, fc.array(filters, { minLength: 4 }), async (all, wanted) => {
      const { owners, names } = await twoWallets(world.billing);
      await happen(world, names, all);
      const lines = await naiveStatement(world, owners[0]);
      for (const { types, reference, range } of wanted) {
        const [startUs, endUs] = range.map((part) => lines.at(part % (lines.length + 1))?.atUs);
        const found = await pagesOf(world, owners[0], { types, reference, startUs, endUs });
        const fits = ({ type, atUs, ...line }: Line) =>
          (types.length === 0 || types.some((one) => one === type)) &&
          (reference === "" || line.reference === reference) &&
          atUs >= (startUs ?? 0) &&
          atUs < (endUs ?? Infinity);
        expect(found).toEqual(lines.filter(fits));
      }
    }),
    { numRuns: 10 },
  );
});
