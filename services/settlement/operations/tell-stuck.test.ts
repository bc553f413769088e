import { expect, test } from "vitest";
import { PayoutAlarm_Kind } from "#gen/mizan/settlement/v1/events_pb.ts";
import { newId } from "#mesh/ids.ts";
import { failureOf } from "#mesh/testing/failure.ts";
import { shown } from "../testing/shown.ts";
import { askedFor, callOf, testSettlement } from "../testing/test-settlement.ts";
import { approvePayout } from "./approve-payout.ts";
import { resolvePayout } from "./resolve-payout.ts";
import { tellStuck } from "./tell-stuck.ts";

const HOUR_MS = 3600 * 1000;
const DAY_MS = 24 * HOUR_MS;

type World = Awaited<ReturnType<typeof testSettlement>>;

const alarmsOf = async ({ alarms }: World) =>
  (await alarms()).map(({ kind, payoutId, provider }) => ({ kind, payoutId, provider }));

test("PAY-5 what a bank has accepted and never ends is left to two administrators", async () => {
  await using world = await testSettlement();
  const { settlement, bank, create, find, sweep, letTimePass } = world;
  bank.control.usual = "ACCEPT";
  const asked = askedFor();
  const { payoutId } = asked;
  await create(asked);
  await letTimePass(DAY_MS - HOUR_MS);
  await tellStuck(settlement);
  expect(shown(await find(payoutId)).state).toBe("SENDING IN_TRANSIT");
  await letTimePass(HOUR_MS);
  const { db, terms } = settlement;
  await tellStuck({ db, terms }); // whoever the banks are by now
  const stuck = await find(payoutId);
  expect(shown(stuck)).toMatchObject({ state: "UNKNOWN", reason: "NO_END" });
  await sweep(); // the bank says ACCEPTED once more, and what administrators say still counts
  await tellStuck(settlement);
  expect((await find(payoutId)).version).toBe(stuck.version);
  const kind = PayoutAlarm_Kind.OUTCOME_UNKNOWN;
  expect(await alarmsOf(world)).toEqual([{ kind, payoutId, provider: "bank" }]);
  const said = { payoutId, kind: "PAID", bankReference: "TT-1", reason: "I called" } as const;
  await failureOf(resolvePayout(settlement, said, callOf(newId())));
  await resolvePayout(settlement, said, callOf(newId()));
  expect(shown(await find(payoutId)).state).toBe("SUCCEEDED");
});

test("a bank that ends what it had accepted for too long is still believed", async () => {
  await using world = await testSettlement();
  const { settlement, bank, create, find, sweep, letTimePass } = world;
  bank.control.usual = "ACCEPT";
  const asked = askedFor();
  await create(asked);
  await letTimePass(DAY_MS);
  await tellStuck(settlement);
  bank.settle();
  await sweep();
  expect(shown(await find(asked.payoutId)).state).toBe("SUCCEEDED");
});

test("a payout that goes round and round, and one that no bank takes, are told of once each", async () => {
  await using world = await testSettlement();
  const { settlement, bank, create, find, sweep, letTimePass } = world;
  bank.control.usual = "LOSE";
  const lost = askedFor();
  await create(lost);
  bank.control.usual = "NOT_SENT";
  const queued = askedFor();
  await create(queued);
  for (let hours = 0; hours < 30; hours += 5) {
    await letTimePass(5 * HOUR_MS);
    bank.control.next = ["LOSE", "NOT_SENT"];
    await sweep();
    await tellStuck(settlement);
  }
  expect(shown(await find(queued.payoutId)).state).toBe("PENDING QUEUED");
  const ids = (await alarmsOf(world)).map(({ payoutId }) => payoutId);
  expect(ids.toSorted()).toEqual([lost.payoutId, queued.payoutId].toSorted());
});

test("the time for which a payout waits for administrators does not count", async () => {
  await using world = await testSettlement({ limits: { approvalMinor: 1n } });
  const { settlement, bank, create, sweep, letTimePass } = world;
  bank.control.usual = "ACCEPT";
  const asked = askedFor();
  await create(asked);
  const late = async () => {
    await tellStuck(settlement);
    return (await alarmsOf(world)).filter(({ kind }) => kind === PayoutAlarm_Kind.OUTCOME_UNKNOWN);
  };
  await letTimePass(DAY_MS);
  expect(await late()).toEqual([]);
  for (const by of [newId(), newId()]) await approvePayout(settlement, asked.payoutId, callOf(by));
  await sweep();
  await letTimePass(DAY_MS - HOUR_MS);
  expect(await late()).toEqual([]);
  await letTimePass(HOUR_MS);
  expect(await late()).toHaveLength(1);
});
