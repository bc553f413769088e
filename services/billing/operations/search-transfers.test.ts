import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { derivedId, hexOf, newId, ZERO_ID } from "#mesh/ids.ts";
import { reasonOf } from "#mesh/errors.ts";
import { MAX_SCANNED_ENTRIES } from "#mesh/limits.ts";
import type { TransferView } from "../domain/transfer-view.ts";
import { batches, happen, twoWallets } from "../testing/random-wallets.ts";
import { make, open, transferOf } from "../testing/test-ledger.ts";
import { testBilling } from "../testing/test-billing.ts";
import { type Search, searchTransfers } from "./search-transfers.ts";

const world = await testBilling();
const { billing } = world;
afterAll(async () => world[Symbol.asyncDispose]());

const nothing: Search = { accountId: ZERO_ID, userData: ZERO_ID, reference: "", code: 0 };

/** All pages, newest first, and how many transfers each had. */
async function found(search: Partial<Search>, pageSize = 5) {
  const [rows, sizes]: [TransferView[], number[]] = [[], []];
  let pageToken = "";
  do {
    const page = { ...nothing, ...search, pageSize, pageToken };
    const answer = await searchTransfers(billing, page, {});
    sizes.push(answer.rows.length);
    rows.push(...answer.rows);
    pageToken = answer.nextPageToken;
  } while (pageToken !== "");
  return { rows, sizes };
}

test("EXT-6 a search finds the transfers that have all that is named, and no others", async () => {
  const [all] = fc.sample(batches, { numRuns: 1, seed: 3 });
  const { names } = await twoWallets(billing);
  await happen(world, names, all!, 40);
  const accounts = Object.values(names);
  const pages = await Promise.all(
    accounts.map(async (accountId) => found({ accountId }, 1000).then(({ rows }) => rows)),
  );
  const every = [...new Map(pages.flat().map((view) => [view.transfer.seq, view])).values()];
  every.sort((one, other) => other.transfer.seq - one.transfer.seq);
  expect(every.length).toBeGreaterThan(30);
  const times = every.map(({ transfer }) => transfer.atUs);
  const wanted = fc.record({
    accountId: fc.constantFrom(ZERO_ID, ...accounts),
    userData: fc.constantFrom(ZERO_ID, ...[0, 1].map((n) => derivedId(`business/${n}`))),
    reference: fc.constantFrom("", "", "reference 1", "reference 2"),
    code: fc.constantFrom(0, 0, 1, 8, 100),
    startUs: fc.constantFrom(undefined, undefined, ...times.slice(10)),
    endUs: fc.constantFrom(undefined, undefined, ...times),
  });
  await fc.assert(
    fc.asyncProperty(wanted, async (search) => {
      fc.pre(
        [search.accountId, search.userData].some((id) => id !== ZERO_ID) || !!search.reference,
      );
      const fits = ({ transfer, debitAccountId, creditAccountId }: TransferView) =>
        [ZERO_ID, debitAccountId, creditAccountId].includes(search.accountId) &&
        [ZERO_ID, transfer.userData].includes(search.userData) &&
        ["", transfer.reference].includes(search.reference) &&
        [0, transfer.code].includes(search.code) &&
        transfer.atUs >= (search.startUs ?? 0) &&
        transfer.atUs < (search.endUs ?? Infinity);
      expect((await found(search)).rows).toEqual(every.filter(fits));
    }),
    { numRuns: 60 },
  );
});

describe("EXT-6 a search that much of the ledger has to be looked at for", async () => {
  const count = MAX_SCANNED_ENTRIES + 10;
  const userData = derivedId("very many");
  const name = newId();
  await open(billing.writer, name, "other");
  const last = { code: 7, userData, reference: "the first" };
  const rest = { userData, reference: "of very many" };
  const first = transferOf(name, "other", last);
  await make(billing.writer, first);
  for (let made = 0; made < count; made += 3000) {
    const some = Array.from({ length: Math.min(3000, count - made) }, () => {
      return transferOf(name, "other", rest);
    });
    await make(billing.writer, ...some);
  }
  const accountId = first.debitAccountId;

  test.each([
    ["by its account", { accountId, code: 7 }, [0, 1]],
    ["by its reference", { reference: "of very many", code: 7 }, [0, 0]],
    ["by its user data", { userData, code: 7 }, [1]],
  ])("%s goes through so many transfers at a time", async (_by, search, sizes) => {
    expect((await found(search)).sizes).toEqual(sizes);
  });

  test("by user data that very many have finds each of them once", async () => {
    const { rows, sizes } = await found({ userData }, 1000);
    expect(sizes.reduce((sum, size) => sum + size)).toBe(count + 1);
    expect(new Set(rows.map(({ transfer }) => transfer.seq)).size).toBe(count + 1);
    expect(rows.at(-1)?.transfer.id).toBe(first.id);
  });
});

test("a search has to name what there is an index of", async () => {
  for (const search of [nothing, { ...nothing, code: 1, startUs: 5 }]) {
    const page = { ...search, pageSize: 0, pageToken: "" };
    const refusal = await searchTransfers(billing, page, {}).catch((error: unknown) => error);
    expect(reasonOf(refusal)).toBe("SEARCH_KEY_REQUIRED");
  }
});

test("a search finds nothing of what nobody has, and takes no token of another search", async () => {
  expect((await found({ accountId: hexOf(newId()) })).rows).toEqual([]);
  expect((await found({ reference: newId() })).rows).toEqual([]);
  expect((await found({ userData: hexOf(newId()) })).rows).toEqual([]);
  const [one, other] = [newId(), newId()];
  await open(billing.writer, one, other);
  const [transfer, again] = [transferOf(one, other), transferOf(one, other)];
  await make(billing.writer, transfer, again);
  const search = { ...nothing, accountId: transfer.debitAccountId, pageSize: 1, pageToken: "" };
  const { nextPageToken: pageToken } = await searchTransfers(billing, search, {});
  const stranger = { ...search, pageToken, code: 100 };
  const refusal = await searchTransfers(billing, stranger, {}).catch((error: unknown) => error);
  expect(reasonOf(refusal)).toBe("INVALID_PAGE_TOKEN");
});
