import { once } from "node:events";
import { sql } from "kysely";
import { expect, test } from "vitest";
import { PayoutAlarm_Kind } from "#gen/mizan/settlement/v1/events_pb.ts";
import { type Payout, Payout_State } from "#gen/mizan/settlement/v1/payout_pb.ts";
import { transaction } from "#mesh/database/transaction.ts";
import { PAYOUT_CLAIM_MS } from "#mesh/limits.ts";
import { applyNews, type PayoutNews } from "./operations/apply-news.ts";
import { tellStuck } from "./operations/tell-stuck.ts";
import { shown, wordOf } from "./testing/shown.ts";
import { testBank } from "./testing/test-bank.ts";
import { askedFor, testSettlement } from "./testing/test-settlement.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

type World = Awaited<ReturnType<typeof testSettlement>>;

async function tell(
  { settlement }: World,
  payout: Payout,
  ...kinds: readonly PayoutNews["kind"][]
): Promise<void> {
  const { provider, ourReference: ref } = payout.attempts.at(-1)!;
  const bankReference = "from-a-call-back";
  const news = kinds.map((kind): PayoutNews => {
    return { provider, ref, kind, bankReference, code: "", text: "", raw: "" };
  });
  await transaction(settlement.db, async (tx) => applyNews(tx, settlement, news));
}

const kindsOf = async ({ alarms }: World) => (await alarms()).map(({ kind }) => kind);

test("S12 (a) a call that times out after its acceptance is asked for, and not sent again", async () => {
  await using world = await testSettlement();
  const { bank, create, find, sweep } = world;
  bank.control.next = ["ACCEPT_SILENTLY"];
  const asked = askedFor();
  const [unknown] = await create(asked);
  expect(shown(unknown as Payout)).toMatchObject({ state: "UNKNOWN", attempts: ["bank UNKNOWN"] });
  await sweep();
  expect(shown(await find(asked.payoutId))).toMatchObject({
    state: "SENDING IN_TRANSIT",
    attempts: ["bank ACCEPTED"],
  });
  bank.settle();
  await sweep();
  expect(shown(await find(asked.payoutId)).state).toBe("SUCCEEDED");
  expect(bank.calls).toHaveLength(1);
});

test("S12 (b) PAY-10 a bank that is down is left out once its breaker opens, and the other one pays", async () => {
  const [one, other] = [testBank("bank"), testBank("bank-second")];
  await using world = await testSettlement({ banks: [one, other] });
  const { create, find, sweep } = world;
  one.control.usual = "NOT_SENT";
  const early = askedFor();
  for (const asked of [early, ...Array.from({ length: 4 }, () => askedFor())]) await create(asked);
  const late = askedFor();
  const [payout] = await create(late);
  expect(shown(payout as Payout)).toMatchObject({
    state: "SUCCEEDED",
    attempts: ["bank-second SUCCEEDED"],
  });
  expect(one.calls).toHaveLength(5);
  await sweep();
  expect(shown(await find(early.payoutId))).toMatchObject({
    state: "SUCCEEDED",
    attempts: ["bank NOT_SENT", "bank-second SUCCEEDED"],
  });
  expect(one.held.size).toBe(0);
});

test("S12 (c) PAY-4 another bank pays once the first one does not know the reference after its window", async () => {
  const [one, other] = [testBank("bank", { windowMs: MINUTE_MS }), testBank("bank-second")];
  await using world = await testSettlement({ banks: [one, other] });
  const { create, find, sweep, letTimePass } = world;
  one.control.next = ["LOSE"];
  other.control.usual = "ACCEPT";
  const asked = askedFor();
  await create(asked);
  await sweep(); // within the window "not found" says nothing
  expect(one.lookups).toHaveLength(1);
  expect(shown(await find(asked.payoutId))).toMatchObject({
    state: "UNKNOWN",
    attempts: ["bank UNKNOWN"],
  });
  await letTimePass(MINUTE_MS);
  await sweep();
  expect(shown(await find(asked.payoutId))).toMatchObject({
    state: "SENDING IN_TRANSIT",
    attempts: ["bank NOT_FOUND", "bank-second ACCEPTED"],
  });
  other.settle();
  await sweep();
  expect(shown(await find(asked.payoutId)).state).toBe("SUCCEEDED");
  expect([one.paidTo(asked.payoutId), other.paidTo(asked.payoutId)]).toEqual([0, 1]);
});

test("PAY-4 a bank that knew nothing within its window is not believed when its answer comes after it", async () => {
  const [one, other] = [testBank("bank", { windowMs: MINUTE_MS }), testBank("bank-second")];
  await using world = await testSettlement({ banks: [one, other] });
  const { create, find, sweep, letTimePass } = world;
  one.control.next = ["COME_LATE"];
  const asked = askedFor();
  await create(asked);
  one.control.afterLook = async () => {
    one.arrive();
    await letTimePass(MINUTE_MS);
  };
  await sweep();
  expect(shown(await find(asked.payoutId))).toMatchObject({
    state: "UNKNOWN",
    attempts: ["bank UNKNOWN"],
  });
  await sweep();
  expect(shown(await find(asked.payoutId)).state).toBe("SUCCEEDED");
  expect([one.paidTo(asked.payoutId), other.paidTo(asked.payoutId)]).toEqual([1, 0]);
});

test("S12 (d) PAY-5 a bank that can't be asked leaves the payout unknown, and somebody is called", async () => {
  const [one, other] = [testBank("bank"), testBank("bank-second")];
  const terms = { unknownMs: HOUR_MS };
  await using world = await testSettlement({ banks: [one, other], terms });
  const { settlement, create, find, sweep, letTimePass } = world;
  one.control.next = ["PAY_SILENTLY"];
  one.control.isDumb = true;
  const asked = askedFor();
  await create(asked);
  for (let times = 0; times < 6; times += 1) {
    await letTimePass(10 * MINUTE_MS + 1);
    await sweep();
    await tellStuck(settlement);
  }
  expect(shown(await find(asked.payoutId))).toMatchObject({
    state: "UNKNOWN",
    attempts: ["bank UNKNOWN"],
  });
  expect(await kindsOf(world)).toEqual([PayoutAlarm_Kind.OUTCOME_UNKNOWN]);
  expect(other.calls).toEqual([]);
  one.control.isDumb = false;
  await sweep();
  expect(shown(await find(asked.payoutId)).state).toBe("SUCCEEDED");
});

test("S12 (e) PAY-6 news that come again change nothing, and what contradicts an end is flagged", async () => {
  await using world = await testSettlement();
  const { bank, create, find, changes } = world;
  bank.control.usual = "ACCEPT";
  const asked = askedFor();
  const [payout] = (await create(asked)) as [Payout];
  for (let times = 0; times < 5; times += 1) await tell(world, payout, "SUCCEEDED");
  expect(shown(await find(asked.payoutId))).toMatchObject({
    state: "SUCCEEDED",
    isContradicted: false,
  });
  await tell(world, payout, "FAILED", "FAILED");
  await tell(world, payout, "FAILED");
  expect(shown(await find(asked.payoutId))).toMatchObject({
    state: "SUCCEEDED",
    attempts: ["bank SUCCEEDED"],
    isContradicted: true,
  });
  expect(await kindsOf(world)).toEqual([PayoutAlarm_Kind.CONTRADICTED]);
  const told = (await changes()).map(
    ({ state, version }) => `${wordOf(Payout_State, state)} ${version}`,
  );
  expect(told).toEqual(["SENDING 2", "SUCCEEDED 3", "SUCCEEDED 4"]);
});

test("PAY-2 the attempt is committed before the bank is called", async () => {
  await using world = await testSettlement();
  const { bank, settlement, create } = world;
  const seen: unknown[] = [];
  bank.control.before = async () => {
    const { rows } = await sql`
      select a.state, a.our_ref, p.stage, length(p.hash) as hash
      from payout_attempt a join payout p on p.id = payout_id`.execute(settlement.db.sql);
    seen.push(...rows);
  };
  await create(askedFor());
  const { ref } = bank.calls[0]![0]!;
  expect(seen).toEqual([{ state: "CREATED", our_ref: ref, stage: "SUBMITTING", hash: 32 }]);
});

test("PAY-3 after a crash in the middle of a call the bank is asked before anything is sent", async () => {
  await using world = await testSettlement();
  const { bank, settlement, create, find, sweep } = world;
  const asked = askedFor();
  await create(asked);
  await forget(world); // as if the process had ended between the call and its record
  await sweep();
  expect(shown(await find(asked.payoutId))).toMatchObject({
    state: "UNKNOWN",
    reason: "NO_OUTCOME",
    attempts: ["bank UNKNOWN"],
  });
  await sweep();
  expect(shown(await find(asked.payoutId)).state).toBe("SUCCEEDED");
  expect(bank.calls).toHaveLength(1);
  expect(settlement.banks.size).toBe(1);
});

/** Takes the database back to where it was before any outcome was recorded. */
async function forget({ settlement: { db } }: World): Promise<void> {
  await sql`
    update payout set state = 'SENDING', stage = 'SUBMITTING', version = 1, bank_reference = '',
      due_at = now()`.execute(db.sql);
  await sql`update payout_attempt set state = 'CREATED', provider_ref = ''`.execute(db.sql);
  await sql`delete from payout_event where version > 1`.execute(db.sql);
}

test("PAY-4 a refusal that is the bank's own sends a payout to another one, and one of the payout ends it", async () => {
  const [one, other] = [testBank("bank"), testBank("bank-second")];
  await using world = await testSettlement({ banks: [one, other] });
  const { create, find, sweep } = world;
  one.control.next = ["REJECT_PROVIDER", "REJECT_PAYOUT", "REJECT_PROVIDER"];
  other.control.next = ["PAY", "REJECT_PROVIDER"];
  const [elsewhere, refused, nowhere] = [askedFor(), askedFor(), askedFor()];
  for (const asked of [elsewhere, refused]) await create(asked);
  await sweep();
  await create(nowhere);
  await sweep();
  expect(shown(await find(elsewhere.payoutId))).toMatchObject({
    state: "SUCCEEDED",
    attempts: ["bank REJECTED", "bank-second SUCCEEDED"],
  });
  expect(shown(await find(refused.payoutId))).toMatchObject({
    state: "FAILED",
    reason: "ACCOUNT_CLOSED",
    attempts: ["bank REJECTED"],
  });
  expect(shown(await find(nowhere.payoutId))).toMatchObject({
    state: "FAILED",
    reason: "NOT_SERVED",
    attempts: ["bank REJECTED", "bank-second REJECTED"],
  });
});

test("PAY-4 the only bank gets the same reference again once it does not know it", async () => {
  await using world = await testSettlement();
  const { bank, create, find, sweep } = world;
  bank.control.next = ["LOSE"];
  const asked = askedFor();
  await create(asked);
  await sweep();
  expect(shown(await find(asked.payoutId))).toMatchObject({
    state: "SUCCEEDED",
    attempts: ["bank SUCCEEDED"],
  });
  const refs = bank.calls.flat().map(({ ref }) => ref);
  expect(refs).toHaveLength(2);
  expect(new Set(refs).size).toBe(1);
});

test("what was surely not taken is tried again as the same attempt", async () => {
  await using world = await testSettlement();
  const { bank, create, find, sweep } = world;
  bank.control.next = ["NOT_PROCESSED", "NOT_SENT"];
  const asked = askedFor();
  const [payout] = (await create(asked)) as [Payout];
  expect(shown(payout)).toMatchObject({ state: "PENDING QUEUED", attempts: ["bank NOT_SENT"] });
  await sweep();
  await sweep();
  expect(shown(await find(asked.payoutId))).toMatchObject({
    state: "SUCCEEDED",
    attempts: ["bank SUCCEEDED"],
  });
});

test("a payout waits while its bank has too little of our money, and somebody is told once", async () => {
  await using world = await testSettlement();
  const { bank, create, find, sweep } = world;
  bank.control.usual = "NO_FUNDS";
  bank.control.balanceMinor = 50n;
  const [asked, another] = [askedFor(), askedFor()];
  await create(asked, another);
  await sweep();
  await sweep();
  expect(shown(await find(asked.payoutId)).state).toBe("PENDING FUNDS");
  expect(await kindsOf(world)).toEqual([PayoutAlarm_Kind.FUNDS_LOW]);
  expect(bank.calls).toHaveLength(1);
  bank.control.usual = "PAY";
  bank.control.balanceMinor = 200n;
  await sweep();
  await sweep();
  expect(shown(await find(asked.payoutId)).state).toBe("SUCCEEDED");
  expect(shown(await find(another.payoutId)).state).toBe("SUCCEEDED");
});

test("a bank that does not tell its balance in time keeps no payout from leaving", async () => {
  await using world = await testSettlement({ banks: [testBank("bank", { timeoutMs: 60_000 })] });
  const { bank, create, find, sweep } = world;
  bank.control.next = ["NO_FUNDS"];
  const [short, queued] = [askedFor(), askedFor()];
  await create(short);
  await sweep();
  expect(shown(await find(short.payoutId)).state).toBe("PENDING FUNDS");
  await create(queued);
  let waitedMs = 0;
  bank.control.beforeBalance = async (signal) => {
    const startMs = performance.now();
    await once(signal, "abort");
    waitedMs = performance.now() - startMs;
  };
  await sweep();
  expect(waitedMs).toBeGreaterThan(0);
  expect(waitedMs).toBeLessThan(PAYOUT_CLAIM_MS);
  await sweep();
  expect(shown(await find(queued.payoutId)).state).toBe("SUCCEEDED");
});

test("a contradiction while another bank is called changes neither when the call ends nor what counts of it", async () => {
  const [one, other] = [testBank("bank"), testBank("bank-second")];
  await using world = await testSettlement({ banks: [one, other] });
  const { create, find, sweep, settlement } = world;
  one.control.next = ["LOSE"];
  const asked = askedFor();
  const [payout] = (await create(asked)) as [Payout];
  const seen: unknown[] = [];
  const see = async () => {
    const { rows } = await sql`select due_at, is_contradicted from payout`.execute(
      settlement.db.sql,
    );
    seen.push(rows[0]);
  };
  other.control.after = async () => {
    await see();
    await tell(world, payout, "SUCCEEDED");
    await see();
  };
  await sweep();
  const [before, after] = seen;
  expect(after).toEqual({ ...(before as object), is_contradicted: true });
  expect(shown(await find(asked.payoutId))).toMatchObject({
    state: "SUCCEEDED",
    attempts: ["bank SUCCEEDED", "bank-second SUCCEEDED"],
  });
  expect((await find(asked.payoutId)).provider).toBe("bank-second");
});

test("what became of a call says nothing about a later one", async () => {
  await using world = await testSettlement();
  const { bank, create, find, settlement } = world;
  bank.control.next = ["NOT_SENT"];
  bank.control.after = async () => {
    // as if it had been given up, asked for, and begun again meanwhile
    await sql`update payout set version = version + 3`.execute(settlement.db.sql);
    await sql`update payout_attempt set updated_at = now()`.execute(settlement.db.sql);
  };
  const asked = askedFor();
  await create(asked);
  expect(shown(await find(asked.payoutId))).toMatchObject({
    state: "SENDING SUBMITTING",
    attempts: ["bank CREATED"],
  });
});

test("what a bank says of the reference of another one is not taken for the other one's word", async () => {
  const [one, other] = [testBank("bank"), testBank("bank-second")];
  await using world = await testSettlement({ banks: [one, other] });
  const { settlement, create, find } = world;
  one.control.usual = "ACCEPT";
  const asked = askedFor();
  const [payout] = (await create(asked)) as [Payout];
  const { ourReference: ref } = payout.attempts[0]!;
  const said = { ref, bankReference: "", code: "", text: "", raw: "" };
  const news: PayoutNews[] = [
    { ...said, provider: "bank-second", kind: "FAILED" },
    { ...said, provider: "bank", kind: "ACCEPTED" },
  ];
  const effects = await transaction(settlement.db, async (tx) => applyNews(tx, settlement, news));
  expect(effects).toEqual(["STRANGE", "NOTHING"]);
  expect(shown(await find(asked.payoutId)).state).toBe("SENDING IN_TRANSIT");
});

test("another amount at the bank leaves the payout unknown, and somebody is told", async () => {
  await using world = await testSettlement();
  const { bank, create, find, sweep } = world;
  bank.control.usual = "ACCEPT";
  bank.control.tellsMinor = 99n;
  const asked = askedFor();
  await create(asked);
  bank.settle();
  await sweep();
  await sweep();
  expect(shown(await find(asked.payoutId))).toMatchObject({
    state: "UNKNOWN",
    reason: "AMOUNT_DIFFERS",
  });
  expect(await kindsOf(world)).toEqual([PayoutAlarm_Kind.CONTRADICTED]);
  expect(bank.calls).toHaveLength(1);
});

test("what comes back after success is told as returned, also when both come at once", async () => {
  await using world = await testSettlement();
  const { bank, create, find } = world;
  bank.control.next = ["PAY", "ACCEPT"];
  const [paid, accepted] = [askedFor(), askedFor()];
  const [first, second] = (await create(paid, accepted)) as [Payout, Payout];
  await tell(world, first, "RETURNED", "SUCCEEDED", "RETURNED");
  await tell(world, second, "RETURNED", "SUCCEEDED");
  for (const { payoutId } of [paid, accepted]) {
    expect(shown(await find(payoutId))).toMatchObject({
      state: "RETURNED",
      isContradicted: false,
    });
  }
  const { rows } = await sql<{ states: string }>`
    select string_agg(state::text, ' ' order by version) as states
    from payout_event where payout_id = ${accepted.payoutId}`.execute(world.settlement.db.sql);
  expect(rows[0]!.states).toBe("SENDING SENDING SUCCEEDED RETURNED");
});

test("what an earlier bank sends back is not taken for paid, also when its word of having paid comes last", async () => {
  for (const kinds of [
    ["RETURNED"],
    ["SUCCEEDED", "RETURNED"],
    ["RETURNED", "SUCCEEDED"],
  ] as const) {
    const [one, other] = [testBank("bank"), testBank("bank-second")];
    await using world = await testSettlement({ banks: [one, other] });
    const { create, find, sweep } = world;
    one.control.next = ["LOSE"];
    other.control.usual = "ACCEPT";
    const asked = askedFor();
    const [payout] = (await create(asked)) as [Payout];
    await sweep();
    expect((await find(asked.payoutId)).attempts).toHaveLength(2);
    await tell(world, payout, ...kinds);
    other.settle("FAILED");
    await sweep();
    expect(shown(await find(asked.payoutId))).toMatchObject({
      state: "FAILED",
      attempts: ["bank FAILED", "bank-second FAILED"],
      isContradicted: true,
    });
  }
});

test("GATE-3 what a bank says is kept without the number of the account, and shown without it", async () => {
  await using world = await testSettlement();
  const { bank, settlement, create } = world;
  const bankAccount = "IR062960000000100324200001";
  bank.control.usual = "REJECT_PAYOUT";
  bank.control.raw = ({ account }) => `{"account":"${account}","why":"closed\0"}`;
  const [payout] = (await create(askedFor({ bankAccount }))) as [Payout];
  expect(payout.bankAccount).toBe("****0001");
  expect(bank.calls[0]![0]!.account).toBe(bankAccount);
  const { rows } = await sql<{ raw: string }>`
    select raw from payout_attempt`.execute(settlement.db.sql);
  expect(rows).toEqual([{ raw: '{"account":"****0001","why":"closed"}' }]);
  const { rows: told } = await sql<{ text: string }>`
    select encode(payload, 'escape') as text from outbox`.execute(settlement.db.sql);
  expect(told.map(({ text }) => text).join(" ")).not.toContain(bankAccount);
});
