import { expect, test } from "vitest";
import { derivedId, ZERO_ID } from "#mesh/ids.ts";
import { MAX_SCANNED_ENTRIES } from "#mesh/limits.ts";
import type { Billing } from "../context.ts";
import type { Id } from "../domain/account.ts";
import { TransferCodes } from "../domain/chart.ts";
import { TransferFlags } from "../domain/transfer.ts";
import type { Entry } from "../domain/wallet.ts";
import { make } from "../testing/test-ledger.ts";
import { twoWallets } from "../testing/random-wallets.ts";
import { testBilling } from "../testing/test-billing.ts";
import { type EntryFilter, listEntries } from "./list-entries.ts";

type Move = readonly [from: Id, to: Id, code: number, flags?: number];

/** Makes transfers of 0, in batches. */
async function moveAll({ writer }: Billing, moves: readonly Move[]): Promise<void> {
  const events = moves.map(([from, to, code, flags = 0], place) =>
    Object.assign(nothing(), {
      id: derivedId(`${from}/${to}/${place}`),
      debitAccountId: from,
      creditAccountId: to,
      code,
      flags,
    }),
  );
  for (let from = 0; from < events.length; from += 4000) {
    await make(writer, ...events.slice(from, from + 4000));
  }
}

const nothing = () => {
  return { amount: 0n, pendingId: ZERO_ID, timeoutSeconds: 0, ledger: 1, userData: ZERO_ID };
};

/** The sizes of all pages, and their entries. */
async function pagesOf(billing: Billing, ownerId: string, filter: EntryFilter) {
  const [sizes, rows]: [number[], Entry[]] = [[], []];
  let pageToken = "";
  do {
    const page = { ownerId, asset: "IRR", pageSize: 1000, pageToken, ...filter };
    const found = await listEntries(billing, page, {});
    sizes.push(found.rows.length);
    rows.push(...found.rows);
    pageToken = found.nextPageToken;
  } while (pageToken !== "");
  return { sizes, rows };
}

test("EXT-6 a page of what hardly anything fits goes through so many rows and no more", async () => {
  await using world = await testBilling();
  const { billing } = world;
  const { owners, names } = await twoWallets(billing);
  const charge: Move = [names.world, names.a, TransferCodes.CHARGE];
  const fee: Move = [names.a, names.revenue, TransferCodes.TRADING_FEE];
  const awaited: Move = [names.world, names.a, 100, TransferFlags.PENDING];
  const most = MAX_SCANNED_ENTRIES;
  const charges = Array.from({ length: most }, () => charge);
  await moveAll(billing, [
    fee,
    ...charges,
    fee,
    ...Array.from({ length: most + 1 }, () => awaited),
  ]);
  const fees = await pagesOf(billing, owners[0], { types: ["fee"] });
  expect(fees.sizes).toEqual([0, 1, 1]);
  const all = await pagesOf(billing, owners[0], {});
  expect(all.sizes[0]).toBe(0); // what others hold is looked at too
  expect(all.rows).toHaveLength(most + 2);
});

test("EXT-6 no entry is lost where a look ends between its two rows", async () => {
  await using world = await testBilling();
  const { billing } = world;
  for (const isHold of [true, false]) {
    const { owners, names } = await twoWallets(billing);
    const { a, ordersOfA, world: outside } = names;
    const own: Move = isHold ? [a, ordersOfA, TransferCodes.ORDER] : [ordersOfA, a, 100];
    const charge: Move = [outside, a, TransferCodes.CHARGE];
    const newer = Array.from({ length: MAX_SCANNED_ENTRIES - 1 }, () => charge);
    await moveAll(billing, [charge, own, ...newer]);
    const types = ["hold", "hold_release"] as const;
    const { sizes, rows } = await pagesOf(billing, owners[0], { types });
    expect([sizes, rows[0]?.type]).toEqual([[0, 1], isHold ? "hold" : "hold_release"]);
  }
});
