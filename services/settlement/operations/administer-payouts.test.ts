import { sql } from "kysely";
import { expect, test } from "vitest";
import { PayoutAlarm_Kind } from "#gen/mizan/settlement/v1/events_pb.ts";
import { reasonOf } from "#mesh/errors.ts";
import { newId } from "#mesh/ids.ts";
import { failureOf } from "#mesh/testing/failure.ts";
import { shown } from "../testing/shown.ts";
import { askedFor, callOf, testSettlement } from "../testing/test-settlement.ts";
import { approvePayout } from "./approve-payout.ts";
import { rejectPayout } from "./reject-payout.ts";
import { resolvePayout } from "./resolve-payout.ts";

const limits = { approvalMinor: 10_000n };
const large = () => askedFor({ irr: "100.00" });

test("PAY-8 below the approval limit nobody is asked, from it on two different administrators", async () => {
  await using world = await testSettlement({ limits });
  const { settlement, bank, create, find, sweep, alarms } = world;
  const [asked, small] = [large(), askedFor({ irr: "99.99" })];
  await create(asked, small);
  expect(shown(await find(small.payoutId)).state).toBe("SUCCEEDED");
  expect(shown(await find(asked.payoutId)).state).toBe("PENDING APPROVAL");
  expect(await alarms()).toMatchObject([
    { kind: PayoutAlarm_Kind.APPROVAL_NEEDED, payoutId: asked.payoutId },
  ]);
  const [one, other] = [newId(), newId()];
  const first = callOf(one);
  const approved = await approvePayout(settlement, asked.payoutId, first);
  expect(approved.missingApprovals).toBe(1);
  expect(await approvePayout(settlement, asked.payoutId, first)).toEqual(approved); // a retry
  await sweep();
  expect(bank.calls.flat()).toHaveLength(1);
  const again = approvePayout(settlement, asked.payoutId, callOf(one));
  expect(reasonOf(await failureOf(again))).toBe("ALREADY_APPROVED");
  const { missingApprovals } = await approvePayout(settlement, asked.payoutId, callOf(other));
  expect(missingApprovals).toBe(0);
  await sweep();
  expect(shown(await find(asked.payoutId)).state).toBe("SUCCEEDED");
  const late = approvePayout(settlement, asked.payoutId, callOf(newId()));
  expect(reasonOf(await failureOf(late))).toBe("PAYOUT_STATE_DIFFERS");
});

test("nobody decides about a payout of one's own, or about one that is not there", async () => {
  await using world = await testSettlement({ limits });
  const { settlement, create } = world;
  const asked = large();
  await create(asked);
  const own = callOf(asked.merchantId);
  const reject = { payoutId: asked.payoutId, reason: "not today" };
  for (const decide of [
    async () => approvePayout(settlement, asked.payoutId, own),
    async () => rejectPayout(settlement, reject, callOf(asked.merchantId)),
  ])
    expect(reasonOf(await failureOf(decide()))).toBe("OWN_PAYOUT");
  const nothing = newId();
  for (const decide of [
    async () => approvePayout(settlement, nothing, callOf(newId())),
    async () => rejectPayout(settlement, { ...reject, payoutId: nothing }, callOf(newId())),
    async () => resolvePayout(settlement, { ...paid, payoutId: nothing }, callOf(newId())),
  ])
    expect(reasonOf(await failureOf(decide()))).toBe("PAYOUT_NOT_FOUND");
});

test("PAY-6 a payout is called off while it is with no bank, and not while it may be", async () => {
  await using world = await testSettlement({ limits });
  const { settlement, bank, create, find, sweep, changes } = world;
  bank.control.next = ["NOT_SENT", "ACCEPT", "LOSE"];
  bank.control.isDumb = true;
  const [waiting, queued, inTransit, unknown] = [large(), askedFor(), askedFor(), askedFor()];
  await create(waiting, queued, inTransit, unknown);
  const reason = "the merchant has asked for it";
  const rejected = [];
  for (const { payoutId } of [waiting, queued, inTransit, unknown])
    rejected.push(
      await rejectPayout(settlement, { payoutId, reason }, callOf(newId())).then(
        ({ payout }) => shown(payout!).state,
        reasonOf,
      ),
    );
  const [late, early] = ["PAYOUT_STATE_DIFFERS", "CANCELLED"];
  expect(rejected).toEqual([early, early, late, late]);
  expect(await find(queued.payoutId)).toMatchObject({ reason, version: 3 });
  expect((await changes()).at(-1)).toMatchObject({ id: queued.payoutId, reason });
  await sweep();
  expect(bank.calls.flat()).toHaveLength(3);
  const again = rejectPayout(settlement, { payoutId: queued.payoutId, reason }, callOf(newId()));
  expect(reasonOf(await failureOf(again))).toBe("PAYOUT_STATE_DIFFERS");
});

const paid = { payoutId: "", kind: "PAID", bankReference: "TT-1", reason: "I called" } as const;

test("PAY-5 a payout of unknown outcome ends when two administrators say the same", async () => {
  await using world = await testSettlement();
  const { settlement, bank, create, find, changes } = world;
  bank.control.usual = "LOSE";
  bank.control.isDumb = true;
  const asked = askedFor();
  await create(asked);
  const { payoutId } = asked;
  const [one, other, third] = [newId(), newId(), newId()];
  const say = async (who: string, said: object = {}, key?: string) =>
    failureOf(resolvePayout(settlement, { ...paid, payoutId, ...said }, callOf(who, key)));
  expect(reasonOf(await say(one, { bankReference: "" }))).toBe("REFERENCE_REQUIRED");
  expect(reasonOf(await say(one, {}, "first"))).toBe("APPROVAL_REQUIRED");
  expect(reasonOf(await say(one, {}, "first"))).toBe("APPROVAL_REQUIRED"); // a retry
  expect(reasonOf(await say(one))).toBe("SAME_ADMINISTRATOR");
  expect(reasonOf(await say(other, { bankReference: "TT-2" }))).toBe("APPROVAL_REQUIRED");
  expect(reasonOf(await say(third, { kind: "NOT_PAID" }))).toBe("APPROVAL_REQUIRED");
  expect(shown(await find(payoutId)).state).toBe("UNKNOWN");
  const { payout } = await resolvePayout(settlement, { ...paid, payoutId }, callOf(other));
  expect(shown(payout!)).toMatchObject({ state: "SUCCEEDED", attempts: ["bank SUCCEEDED"] });
  expect(payout!.bankReference).toBe("TT-1");
  expect((await changes()).at(-1)).toMatchObject({ id: payoutId, bankReference: "TT-1" });
});

test("two administrators who have not found a payment fail the payout, and a late success is flagged", async () => {
  await using world = await testSettlement();
  const { settlement, bank, create, find, sweep } = world;
  bank.control.usual = "PAY_SILENTLY";
  bank.control.isDumb = true;
  const asked = askedFor();
  await create(asked);
  const said = { ...paid, payoutId: asked.payoutId, kind: "NOT_PAID" } as const;
  await failureOf(resolvePayout(settlement, said, callOf(newId())));
  const { payout } = await resolvePayout(settlement, said, callOf(newId()));
  expect(shown(payout!)).toMatchObject({ state: "FAILED", reason: "I called" });
  bank.control.isDumb = false;
  await sweep(); // what has ended is not asked for
  expect(bank.lookups.filter((refs) => refs.length > 0)).toEqual([]);
  expect(shown(await find(asked.payoutId)).state).toBe("FAILED");
});

test("what was said of another version of a payout does not count", async () => {
  await using world = await testSettlement();
  const { settlement, bank, create, sweep, find } = world;
  bank.control.usual = "ACCEPT_SILENTLY";
  const asked = askedFor();
  await create(asked);
  const said = { ...paid, payoutId: asked.payoutId };
  await failureOf(resolvePayout(settlement, said, callOf(newId())));
  await sweep(); // in transit
  bank.control.tellsMinor = 1n;
  await sweep(); // unknown again
  expect(shown(await find(asked.payoutId)).state).toBe("UNKNOWN");
  const second = resolvePayout(settlement, said, callOf(newId()));
  expect(reasonOf(await failureOf(second))).toBe("APPROVAL_REQUIRED");
  const { rows } = await sql`select from payout_opinion`.execute(settlement.db.sql);
  expect(rows).toHaveLength(2);
});
