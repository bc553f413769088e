import { afterAll, beforeAll, expect, test } from "vitest";
import { reasonOf } from "#mesh/errors.ts";
import { newId } from "#mesh/ids.ts";
import { failureOf } from "#mesh/testing/failure.ts";
import { askedAtMs } from "../domain/withdrawal-ids.ts";
import { callOf, testWithdrawals } from "../testing/test-withdrawals.ts";
import { getWithdrawal } from "./get-withdrawal.ts";
import { listWithdrawals, type WithdrawalSearch } from "./list-withdrawals.ts";

const world = await testWithdrawals();
afterAll(async () => world[Symbol.asyncDispose]());
const { saga, settlement } = world;

let [mine, others] = ["", ""];
/** The ids of a merchant's withdrawals, the newest first, and those of another one. */
const [all, foreign, failed]: [string[], string[], string[]] = [[], [], []];

beforeAll(async () => {
  mine = await world.merchant(100_000n);
  others = await world.merchant(100_000n);
  const make = async (id: string, outcome: "SUCCEEDED" | "FAILED") => {
    settlement.script.outcome = () => outcome;
    return (await world.withdraw("1.00", callOf(id))).withdrawal!.id;
  };
  for (let count = 0; count < 7; count += 1) {
    const outcome = count % 3 === 0 ? "FAILED" : "SUCCEEDED";
    const id = await make(mine, outcome);
    all.unshift(id);
    if (outcome === "FAILED") failed.unshift(id);
    if (count < 2) foreign.unshift(await make(others, "SUCCEEDED"));
  }
});

const searchOf = (changes: Partial<WithdrawalSearch> = {}): WithdrawalSearch => ({
  merchantId: mine,
  state: undefined,
  startMs: undefined,
  endMs: undefined,
  ...changes,
});

async function idsOf(search: WithdrawalSearch, pageSize = 0, pageToken = "") {
  const page = await listWithdrawals(saga, search, { pageSize, pageToken });
  return { ids: page.withdrawals.map(({ id }) => id), next: page.nextPageToken };
}

test("a merchant sees its own withdrawals, the newest first, page by page", async () => {
  const first = await idsOf(searchOf(), 3);
  const second = await idsOf(searchOf(), 3, first.next);
  const third = await idsOf(searchOf(), 3, second.next);
  expect([...first.ids, ...second.ids, ...third.ids]).toEqual(all);
  expect([first.ids.length, third.next]).toEqual([3, ""]);
});

test("administrators see those of everybody, or of one merchant", async () => {
  const { ids } = await idsOf(searchOf({ merchantId: undefined }));
  expect(ids.toSorted()).toEqual([...all, ...foreign].toSorted());
  expect((await idsOf(searchOf({ merchantId: others }))).ids).toEqual(foreign);
});

test("a list may be of one state and of a stretch of time", async () => {
  expect((await idsOf(searchOf({ state: "FAILED" }))).ids).toEqual(failed);
  expect((await idsOf(searchOf({ state: "RETURNED" }))).ids).toEqual([]);
  const [startMs, endMs] = [askedAtMs(all[5]!), askedAtMs(all[1]!)];
  const within = all.filter((id) => askedAtMs(id) >= startMs && askedAtMs(id) < endMs);
  expect((await idsOf(searchOf({ startMs, endMs }))).ids).toEqual(within);
  expect(within).not.toEqual([]);
});

test("a page token is good for its own list alone", async () => {
  const { next } = await idsOf(searchOf(), 1);
  const strange = [searchOf({ merchantId: others }), searchOf({ state: "FAILED" })];
  for (const search of strange) {
    expect(reasonOf(await failureOf(idsOf(search, 1, next)))).toBe("INVALID_PAGE_TOKEN");
  }
});

test("a withdrawal of somebody else is like none", async () => {
  expect((await getWithdrawal(saga, mine, all[0]!)).id).toBe(all[0]);
  for (const id of [foreign[0]!, newId()]) {
    expect(reasonOf(await failureOf(getWithdrawal(saga, mine, id)))).toBe("WITHDRAWAL_NOT_FOUND");
  }
});
