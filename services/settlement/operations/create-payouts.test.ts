import { ConnectError } from "@connectrpc/connect";
import { expect, test } from "vitest";
import {
  Payout_Stage,
  Payout_State,
  PayoutAttempt_State,
} from "#gen/mizan/settlement/v1/payout_pb.ts";
import { reasonOf } from "#mesh/errors.ts";
import { newId } from "#mesh/ids.ts";
import { ourReference } from "../domain/send-payout.ts";
import { askedFor, testSettlement } from "../testing/test-settlement.ts";

test("payouts are paid once each, and told of once with their last version", async () => {
  await using world = await testSettlement();
  const { bank, create, changes } = world;
  const asked = Array.from({ length: 30 }, () => askedFor());
  const created = await create(...asked);
  expect(created.map((one) => !(one instanceof ConnectError) && one.state)).toEqual(
    asked.map(() => Payout_State.SUCCEEDED),
  );
  expect(created[0]).toMatchObject({
    id: asked[0]!.payoutId,
    amount: { asset: "IRR", amount: "1.00" },
    provider: "bank",
    bankReference: "bank-1",
    version: 2,
    attempts: [
      {
        number: 1,
        provider: "bank",
        ourReference: ourReference(asked[0]!.payoutId, "bank"),
        state: PayoutAttempt_State.SUCCEEDED,
        providerReference: "bank-1",
      },
    ],
  });
  expect(asked.map(({ payoutId }) => bank.paidTo(payoutId))).toEqual(asked.map(() => 1));
  const told = await changes();
  expect(told.map(({ id, version }) => `${id} ${version}`).toSorted()).toEqual(
    asked.map(({ payoutId }) => `${payoutId} 2`).toSorted(),
  );
});

test("PAY-1 the same id with the same content is the same payout, with another it is refused", async () => {
  await using world = await testSettlement();
  const { bank, create } = world;
  const asked = askedFor();
  const [first] = await create(asked);
  expect(await create(asked)).toEqual([first]);
  const others = [
    { ...asked, amount: askedFor({ irr: "1.01" }).amount! },
    { ...asked, merchantId: newId() },
    { ...asked, bankAccount: "IR12345" },
  ];
  const refused = await create(...others, asked);
  expect(refused.slice(0, 3).map(reasonOf)).toEqual(others.map(() => "PAYOUT_ID_REUSED"));
  expect(refused[3]).toEqual(first);
  expect(bank.calls.flat()).toHaveLength(1);
});

test("PAY-1 the same payout twice in one call, and in calls at once, is paid once", async () => {
  await using world = await testSettlement();
  const { bank, create } = world;
  const asked = askedFor();
  await Promise.all(Array.from({ length: 10 }, async () => create(asked, asked)));
  const [payout] = await create(asked);
  expect(payout).toMatchObject({ state: Payout_State.SUCCEEDED });
  expect(bank.calls.flat()).toHaveLength(1);
});

test("an amount that is none, and an asset that is not paid out, are refused without a trace", async () => {
  await using world = await testSettlement();
  const { bank, create, changes } = world;
  const amount = (asset: string, value: string) =>
    askedFor({ amount: { $typeName: "mizan.type.v1.Money", asset, amount: value } });
  const refused = await create(
    ...["0.00", "-1.00", "1.001", "1e3", ""].map((value) => amount("IRR", value)),
    amount("USDT", "1.00"),
  );
  expect(refused.map(reasonOf)).toEqual([
    ...Array.from({ length: 5 }, () => "INVALID_AMOUNT"),
    "ASSET_NOT_ACCEPTED",
  ]);
  expect(bank.calls).toEqual([]);
  expect(await changes()).toEqual([]);
});

test("a bank that is slow is not waited for longer than it was settled", async () => {
  await using world = await testSettlement({ terms: { answerMs: 20 } });
  const { bank, create, changes } = world;
  const gate = Promise.withResolvers<void>();
  bank.control.after = () => gate.promise;
  const [payout] = await create(askedFor());
  expect(payout).toMatchObject({ state: Payout_State.SENDING, stage: Payout_Stage.SUBMITTING });
  gate.resolve();
  await expect.poll(changes).toMatchObject([{ state: Payout_State.SUCCEEDED, version: 2 }]);
});
