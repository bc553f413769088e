import { create } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { AccountStatus } from "#gen/mizan/billing/v1/account_pb.ts";
import { CreateAccountsResponseSchema } from "#gen/mizan/billing/v1/ledger_service_pb.ts";
import { ledgerAccounts } from "./ledger-accounts.ts";

test("L3 people who join at the same time share a call to the ledger", async () => {
  const batches: number[] = [];
  const openAccount = ledgerAccounts({
    createAccounts: async ({ accounts = [] }) => {
      batches.push(accounts.length);
      const results = accounts.map((_, index) => ({ index, status: AccountStatus.CREATED }));
      return create(CreateAccountsResponseSchema, { results });
    },
  });
  const ids = Array.from({ length: 20 }, (_, at) => new Uint8Array(16).fill(at + 1));
  const results = await Promise.all(ids.map(async (id) => openAccount({ id }, {})));
  expect(results.map(({ index }) => index)).toEqual(ids.map((_, at) => at));
  expect(batches).toEqual([20]);
});
