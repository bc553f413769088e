import { sql } from "kysely";
import { expect, test } from "vitest";
import { Withdrawal_State } from "#gen/mizan/core/v1/withdrawal_pb.ts";
import { callOf, testWithdrawals } from "../testing/test-withdrawals.ts";

const { SUCCEEDED } = Withdrawal_State;

test("a withdrawal holds, pays, books and tells, with few statements and calls", async () => {
  await using world = await testWithdrawals();
  const { ledger, settlement, withdraw } = world;
  const id = await world.merchant(1000n);
  const { withdrawal } = await withdraw("1.00", callOf(id));
  expect(withdrawal).toMatchObject({
    merchantId: id,
    state: SUCCEEDED,
    amount: { asset: "IRR", amount: "1.00" },
    bankAccount: "IR12 3456",
    reason: "",
    version: 2,
    attempts: [{ number: 1, provider: "bank", state: "SUCCEEDED" }],
  });
  expect(settlement.paid).toEqual([withdrawal!.id]);
  expect(ledger.holds.get(withdrawal!.id)).toMatchObject({ state: "CAPTURED", bank: "" });
  expect([ledger.credits.get(id), ledger.books.pool]).toEqual([900n, 900n]);
  const { rows } = await sql`select person_id, type, values from notification`.execute(
    world.db.sql,
  );
  expect(rows).toMatchObject([{ person_id: id, type: "WITHDRAWAL_SUCCEEDED" }]);
});
