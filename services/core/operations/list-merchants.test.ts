import { afterAll, beforeAll, expect, test } from "vitest";
import { reasonOf } from "#mesh/errors.ts";
import { callWith, testCore } from "../testing/test-core.ts";
import { approved, newMerchant, register } from "../testing/test-merchants.ts";
import { listMerchants } from "./list-merchants.ts";
import { registerMerchant } from "./register-merchant.ts";

const running = await testCore();
const { core } = running;
afterAll(async () => running[Symbol.asyncDispose]());

const ids: string[] = [];
beforeAll(async () => {
  for (let count = 0; count < 5; count += 1) ids.unshift(await register(core));
  ids.unshift(await approved(core));
});

const first = { pageSize: 0, pageToken: "" };

test("merchants are listed page by page, newest first, stable under newcomers", async () => {
  const one = await listMerchants(core, { pageSize: 4, pageToken: "" });
  await register(core);
  const two = await listMerchants(core, { pageSize: 4, pageToken: one.nextPageToken });
  expect([...one.merchants, ...two.merchants].map(({ id }) => id)).toEqual(ids);
  expect(two.nextPageToken).toBe("");
});

test("those in one state are listed alone", async () => {
  const { merchants } = await listMerchants(core, { ...first, state: "ACTIVE" });
  expect(merchants.map(({ id }) => id)).toEqual([ids[0]]);
});

test("one is found by name, whatever its case", async () => {
  const { merchant } = await registerMerchant(core, newMerchant("Bazaar"), callWith());
  const { merchants } = await listMerchants(core, { ...first, username: "bAZAAR" });
  expect(merchants).toMatchObject([{ id: merchant!.id, username: "Bazaar" }]);
});

test("S18 a merchant whose personal data was erased is still listed", async () => {
  const id = await register(core);
  await core.db.sql.deleteFrom("profile").where("person_id", "=", id).execute();
  const { merchants } = await listMerchants(core, { ...first, pageSize: 1 });
  expect(merchants).toMatchObject([{ id, username: "" }]);
});

test("the page of another list is refused", async () => {
  const { nextPageToken } = await listMerchants(core, { pageSize: 1, pageToken: "" });
  for (const page of [{ pageToken: nextPageToken, state: "ACTIVE" as const }, { pageToken: "x" }]) {
    const refused = await listMerchants(core, { pageSize: 1, ...page }).catch(reasonOf);
    expect(refused).toBe("INVALID_PAGE_TOKEN");
  }
});
