import { sql } from "kysely";
import { expect, test } from "vitest";
import { PayoutAlarm_Kind } from "#gen/mizan/settlement/v1/events_pb.ts";
import { type PayoutOpinion, PayoutOpinion_Opinion } from "#gen/mizan/settlement/v1/payout_pb.ts";
import { reasonOf } from "#mesh/errors.ts";
import { newId } from "#mesh/ids.ts";
import { failureOf, infoOf } from "#mesh/testing/failure.ts";
import type { Settlement } from "../context.ts";
import { shown } from "../testing/shown.ts";
import { askedFor, callOf, testSettlement } from "../testing/test-settlement.ts";
import { administered } from "./administered.ts";
import { applyNews } from "./apply-news.ts";
import { approvePayout } from "./approve-payout.ts";
import type { Asked } from "./create-payouts.ts";
import { listPayouts } from "./list-payouts.ts";
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
  expect(reasonOf(await say(other, { bankReference: "TT-2" }))).toBe("OPINIONS_DIFFER");
  expect(reasonOf(await say(third, { kind: "NOT_PAID" }))).toBe("OPINIONS_DIFFER");
  expect(shown(await find(payoutId)).state).toBe("UNKNOWN");
  const { payout } = await resolvePayout(settlement, { ...paid, payoutId }, callOf(other));
  expect(shown(payout!)).toMatchObject({ state: "SUCCEEDED", attempts: ["bank SUCCEEDED"] });
  expect(payout!.bankReference).toBe("TT-1");
  expect((await changes()).at(-1)).toMatchObject({ id: payoutId, bankReference: "TT-1" });
});

test("two administrators who have not found a payment fail the payout, and a late success is flagged", async () => {
  await using world = await testSettlement();
  const { settlement, bank, create, find, sweep, changes } = world;
  bank.control.usual = "PAY_SILENTLY";
  bank.control.isDumb = true;
  const asked = askedFor();
  await create(asked);
  const said = { ...paid, payoutId: asked.payoutId, kind: "NOT_PAID" } as const;
  await failureOf(resolvePayout(settlement, said, callOf(newId())));
  const { payout } = await resolvePayout(settlement, said, callOf(newId()));
  expect(shown(payout!)).toMatchObject({ state: "FAILED", reason: "RESOLVED_NOT_PAID" });
  expect(payout!.opinions.map(({ reason }) => reason)).toEqual(["I called", "I called"]);
  expect((await changes()).at(-1)).toMatchObject({ reason: "RESOLVED_NOT_PAID", opinions: [] });
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

test("two who say the opposite are told that nothing has ended, and the list shows both", async () => {
  await using world = await testSettlement();
  const { settlement, bank, create, find } = world;
  bank.control.usual = "LOSE";
  bank.control.isDumb = true;
  const { payoutId } = await createOne(create);
  const [one, other] = [newId(), newId()];
  const said = { ...paid, payoutId };
  await failureOf(resolvePayout(settlement, said, callOf(one)));
  const not = { ...said, kind: "NOT_PAID", reason: "not in its portal" } as const;
  const differ = await failureOf(resolvePayout(settlement, not, callOf(other)));
  expect(infoOf(differ)).toMatchObject({
    reason: "OPINIONS_DIFFER",
    metadata: { payout_id: payoutId, person_id: one, said: "PAID" },
  });
  const reference = { ...said, bankReference: "TT-2" };
  const another = await failureOf(resolvePayout(settlement, reference, callOf(other)));
  expect(infoOf(another).metadata["said"]).toBe("PAID with another reference");
  const back = await failureOf(resolvePayout(settlement, not, callOf(other)));
  expect(reasonOf(back)).toBe("OPINIONS_DIFFER");
  expect(shown(await find(payoutId)).state).toBe("UNKNOWN");
  const { PAID, NOT_PAID } = PayoutOpinion_Opinion;
  expect(await opinionsOf(settlement, payoutId)).toMatchObject([
    { personId: one, opinion: PAID, bankReference: "TT-1", reason: "I called" },
    { personId: other, opinion: NOT_PAID, bankReference: "", reason: "not in its portal" },
  ]);
  const { payout } = await resolvePayout(settlement, not, callOf(one));
  expect(payout!.opinions.map(({ personId }) => personId)).toEqual([other, one]);
});

test("who has let a payout go is listed, also after the same person has said how it ended", async () => {
  await using world = await testSettlement({ limits });
  const { settlement, bank, create, sweep } = world;
  bank.control.usual = "LOSE";
  bank.control.isDumb = true;
  const { payoutId } = await createOne(create, large());
  const [one, other] = [newId(), newId()];
  const { APPROVE, PAID } = PayoutOpinion_Opinion;
  await approvePayout(settlement, payoutId, callOf(one));
  expect(await opinionsOf(settlement, payoutId)).toMatchObject([
    { personId: one, opinion: APPROVE, payoutVersion: 1 },
  ]);
  const { payout } = await approvePayout(settlement, payoutId, callOf(other));
  expect(payout!.opinions.map(({ personId }) => personId)).toEqual([one, other]);
  await sweep();
  await failureOf(resolvePayout(settlement, { ...paid, payoutId }, callOf(one)));
  const words = (await opinionsOf(settlement, payoutId)).map(({ opinion }) => opinion);
  expect(words).toEqual([APPROVE, APPROVE, PAID]);
});

test.each([
  ["PAID", "FAILED"],
  ["PAID", "RETURNED"],
  ["NOT_PAID", "SUCCEEDED"],
] as const)(
  "what administrators have said, %s, is not overwritten by a late %s",
  async (kind, late) => {
    await using world = await testSettlement();
    const { settlement, bank, create, find } = world;
    bank.control.usual = "LOSE";
    bank.control.isDumb = true;
    const { payoutId } = await createOne(create);
    const said = { ...paid, payoutId, kind };
    await failureOf(resolvePayout(settlement, said, callOf(newId())));
    const { payout } = await resolvePayout(settlement, said, callOf(newId()));
    const { ourReference: ref, providerReference } = payout!.attempts[0]!;
    const words = { code: "E7", text: "late", raw: "" };
    const news = { provider: "bank", ref, kind: late, bankReference: "1", ...words };
    await settlement.db.sql.transaction().execute(async (tx) => {
      for (let times = 0; times < 2; times++) await applyNews(tx, settlement, [news]);
    });
    const after = await find(payoutId);
    const isReturn = late === "RETURNED"; // which contradicts nothing
    expect(after).toMatchObject({
      isContradicted: !isReturn,
      bankReference: payout!.bankReference,
      attempts: [{ providerReference: providerReference || "1", code: "RESOLVED", text: "" }],
    });
    expect(shown(after).state).toBe(isReturn ? "RETURNED" : shown(payout!).state);
    expect(await world.alarms()).toHaveLength(isReturn ? 0 : 1);
  },
);

async function createOne(
  create: (one: Asked) => Promise<unknown>,
  one = askedFor(),
): Promise<Asked> {
  await create(one);
  return one;
}

async function opinionsOf(settlement: Settlement, payoutId: string): Promise<PayoutOpinion[]> {
  const filter = {
    state: undefined,
    stage: undefined,
    provider: undefined,
    merchantId: undefined,
    id: payoutId,
  };
  const { payouts } = await listPayouts(settlement, filter, { pageSize: 0, pageToken: "" });
  const [shownOne] = await administered(settlement.db.sql, payouts);
  return shownOne!.opinions;
}
