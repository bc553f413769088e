import fc from "fast-check";
import { sql } from "kysely";
import { afterAll, expect, test } from "vitest";
import { type Payout, PayoutAttempt_State } from "#gen/mizan/settlement/v1/payout_pb.ts";
import { transaction } from "#mesh/database/transaction.ts";
import { nextPositions, type Position } from "./domain/payout-machine.ts";
import { applyNews, type PayoutNews } from "./operations/apply-news.ts";
import type { Asked } from "./operations/create-payouts.ts";
import { lockToday } from "./store/provider-days.ts";
import { shown, wordOf } from "./testing/shown.ts";
import { type Held, type Script, type TestBank, testBank } from "./testing/test-bank.ts";
import { askedFor, testSettlement } from "./testing/test-settlement.ts";

// Whatever two banks do, lose and say late or again, and wherever the process ends: no payout is
// paid twice, each ends as the banks have it, and another bank is used as PAY-4 allows. What a bank
// takes when its window is over it sends back, and nothing else contradicts what it has said.

const WINDOW_MS = 60_000;
const banks = [
  testBank("bank", { windowMs: WINDOW_MS, dailyLimitMinor: 1_000_000n }),
  testBank("bank-second", { windowMs: WINDOW_MS }),
];
const world = await testSettlement({ banks, terms: { answerMs: 50 } });
afterAll(async () => world[Symbol.asyncDispose]());

const scripts: readonly Script[] = [
  "PAY",
  "ACCEPT",
  "PAY_SILENTLY",
  "ACCEPT_SILENTLY",
  "LOSE",
  "COME_LATE",
  "REJECT_PAYOUT",
  "REJECT_PROVIDER",
  "NO_FUNDS",
  "NOT_PROCESSED",
  "NOT_SENT",
];

type Step =
  | { readonly kind: "ASK"; readonly count: number; readonly scripts: readonly Script[] }
  | {
      readonly kind:
        | "ASK_AGAIN"
        | "SWEEP"
        | "SLOW_SWEEP"
        | "WAIT"
        | "WAIT_TOO_LONG"
        | "SETTLE_PAID"
        | "SETTLE_FAILED"
        | "RETURN";
    }
  | { readonly kind: "CRASH"; readonly where: "BEFORE" | "AFTER"; readonly scripts: Script[] }
  | { readonly kind: "DUMB"; readonly isDumb: readonly boolean[] }
  | { readonly kind: "NEWS"; readonly picks: readonly number[] };

const script = fc.constantFrom(...scripts);
const some = fc.array(script, { maxLength: 6 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant("ASK"), count: fc.nat(4), scripts: some }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constantFrom(
        "ASK_AGAIN",
        "SWEEP",
        "SWEEP",
        "SLOW_SWEEP",
        "WAIT",
        "WAIT_TOO_LONG",
        "SETTLE_PAID",
        "SETTLE_FAILED",
        "RETURN",
      ),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("CRASH"),
      where: fc.constantFrom("BEFORE", "AFTER"),
      scripts: some,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("DUMB"),
      isDumb: fc.tuple(fc.boolean(), fc.boolean()),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("NEWS"),
      picks: fc.array(fc.nat(), { maxLength: 8 }),
    }),
  },
) as fc.Arbitrary<Step>;

/** What went wrong once. */
const wentWrong: [Step[]][] = [
  [[{ kind: "ASK", count: 1, scripts: ["COME_LATE", "PAY"] }, { kind: "SLOW_SWEEP" }]],
  [
    [
      { kind: "ASK", count: 1, scripts: ["COME_LATE", "ACCEPT"] },
      { kind: "WAIT_TOO_LONG" },
      { kind: "SETTLE_FAILED" },
    ],
  ],
];

/** All that the banks could ever have said; they say it again, late, and in any order. */
function sayings(): PayoutNews[] {
  return banks.flatMap(({ provider, held }) =>
    [...held].flatMap(([ref, { state, bankReference, transfer }]) => {
      const { amountMinor } = transfer;
      const by = { provider: provider.name, ref, bankReference, amountMinor };
      return truths[state].map((kind): PayoutNews =>
        Object.assign({ kind, code: "", text: "", raw: "" }, by),
      );
    }),
  );
}

const truths: Record<Held["state"], readonly PayoutNews["kind"][]> = {
  ACCEPTED: ["ACCEPTED"],
  PAID: ["ACCEPTED", "SUCCEEDED"],
  FAILED: ["ACCEPTED", "FAILED"],
  RETURNED: ["ACCEPTED", "SUCCEEDED", "RETURNED"],
};

async function hear(news: readonly PayoutNews[]): Promise<void> {
  const { settlement } = world;
  await transaction(settlement.db, async (tx) => applyNews(tx, settlement, news));
}

/** Hands transfers to the banks in turns, as they are scripted. */
function write(next: readonly Script[]): void {
  for (const [index, one] of next.entries()) banks[index % 2]!.control.next.push(one);
}

/** The process ends while banks are called: nothing that they answer is heard of. */
async function crash(asked: readonly Asked[], where: "BEFORE" | "AFTER"): Promise<void> {
  const hooks = where === "BEFORE" ? "before" : "after";
  for (const { control } of banks) control[hooks] = () => new Promise<void>(() => {});
  await world.create(...asked);
  for (const { control } of banks) control[hooks] = () => undefined;
  world.restart();
}

/** Our references of what the banks have taken too late, and sent back. */
const tooLate = new Set<string>();

function arriveTooLate({ held, arrive }: TestBank): void {
  const known = new Set(held.keys());
  arrive("RETURNED");
  for (const ref of held.keys()) if (!known.has(ref)) tooLate.add(ref);
}

/** What a bank takes at all, it has taken when its window is over. */
async function endWindow(): Promise<void> {
  for (const bank of banks) bank.arrive();
  await world.letTimePass(WINDOW_MS);
}

async function take(one: Step, all: Asked[]): Promise<void> {
  switch (one.kind) {
    case "ASK": {
      write(one.scripts);
      const fresh = Array.from({ length: one.count }, () => askedFor());
      all.push(...fresh);
      return void (await world.create(...fresh));
    }
    case "CRASH": {
      write(one.scripts);
      const fresh = [askedFor(), askedFor()];
      all.push(...fresh);
      return crash(fresh, one.where);
    }
    case "ASK_AGAIN":
      return void (await world.create(...all.slice(-3)));
    case "SWEEP":
      return world.sweep();
    case "SLOW_SWEEP": // the window passes between what a bank finds and its answer
      for (const { control } of banks) control.afterLook = endWindow;
      await world.sweep();
      for (const { control } of banks) control.afterLook = () => undefined;
      return undefined;
    case "WAIT":
      return endWindow();
    case "WAIT_TOO_LONG":
      await world.letTimePass(WINDOW_MS);
      await world.sweep();
      for (const bank of banks) arriveTooLate(bank);
      return hear(sayings().filter(({ ref }) => tooLate.has(ref)));
    case "SETTLE_PAID":
    case "SETTLE_FAILED":
      for (const bank of banks) bank.settle(one.kind === "SETTLE_PAID" ? "PAID" : "FAILED");
      return undefined;
    case "RETURN":
      for (const bank of banks)
        for (const ref of [...bank.held.keys()].slice(-1)) bank.sendBack(ref);
      return undefined;
    case "DUMB":
      for (const [index, { control }] of banks.entries()) control.isDumb = one.isDumb[index]!;
      return undefined;
    default: {
      const known = sayings();
      if (known.length > 0) await hear(one.picks.map((pick) => known[pick % known.length]!));
    }
  }
}

/** The banks do what they ought to, and time passes until nothing is open any more. */
async function heal(all: readonly Asked[]): Promise<Payout[]> {
  for (const { control } of banks) Object.assign(control, { isDumb: false, next: [] });
  for (let round = 0; round < 20; round += 1) {
    for (const bank of banks) {
      bank.arrive();
      bank.settle();
    }
    await world.letTimePass(WINDOW_MS);
    await world.sweep();
  }
  // What was sent back is told by the banks alone, and what came too late was told at once.
  await hear(sayings().filter(({ ref }) => !tooLate.has(ref)));
  const found = [];
  for (const { payoutId } of all) found.push(await world.find(payoutId));
  return found;
}

/** How a payout may have ended by what the banks have in their books. */
function truthsOf(payoutId: string): readonly string[] {
  const mine = banks.flatMap(({ held }) =>
    [...held].filter(([, { transfer }]) => transfer.description === payoutId),
  );
  const paid = mine.filter(
    ([ref, { state }]) => !tooLate.has(ref) && (state === "PAID" || state === "RETURNED"),
  );
  expect(paid.length).toBeLessThanOrEqual(1);
  if (paid[0] !== undefined) return [paid[0][1].state === "PAID" ? "SUCCEEDED" : "RETURNED"];
  return isTooLate(payoutId) ? ["FAILED", "RETURNED"] : ["FAILED"];
}

/** Whether a bank has taken a payout when nobody waited for it any more. */
function isTooLate(payoutId: string): boolean {
  return banks.some(({ held }) =>
    [...held].some(([ref, { transfer }]) => {
      return tooLate.has(ref) && transfer.description === payoutId;
    }),
  );
}

const surelyUnpaid = new Set(["REJECTED", "NOT_FOUND", "NOT_SENT"]);

/** Every event is one version on, and a note or a move that the table has. */
async function checkHistory({ id, version }: Payout): Promise<void> {
  const { rows } = await sql<{ version: number; position: Position }>`
    select version, concat_ws(' ', state, stage) as position from payout_event
    where payout_id = ${id} order by version`.execute(world.settlement.db.sql);
  expect(rows.map((row) => row.version)).toEqual(
    Array.from({ length: version }, (_, index) => index + 1),
  );
  const moves = rows
    .slice(1)
    .map(({ position }, index) => [rows[index]!.position, position] as const);
  const strange = moves.filter(([from, to]) => from !== to && !nextPositions[from].includes(to));
  expect(strange).toEqual([]);
}

/**
 * What is counted for today at a bank, and what it has paid, but for what came back before it was
 * taken for paid; amounts are in minor units.
 */
async function countedAndPaid({ provider: { name }, held }: (typeof banks)[number]) {
  const { settlement } = world;
  const counted = await transaction(settlement.db, async (tx) => lockToday(tx, [name]));
  const { rows } = await sql<{ our_ref: string }>`
    select our_ref from payout_attempt where state = 'FAILED'`.execute(settlement.db.sql);
  const failed = new Set(rows.map(({ our_ref }) => our_ref));
  const paid = [...held].filter(([ref, { state }]) => {
    const cameBack = tooLate.has(ref) && failed.has(ref);
    return (state === "PAID" || state === "RETURNED") && !cameBack;
  });
  const sum = paid.reduce((total, [, { transfer }]) => total + transfer.amountMinor, 0n);
  return [counted.get(name), sum];
}

test(
  "O9 PAY-3 PAY-4 PAY-10 no payout is paid twice, each ends as the banks have it, and counts so",
  { timeout: 120_000 },
  async () => {
    const property = fc.asyncProperty(fc.array(step, { maxLength: 14 }), async (steps) => {
      const all: Asked[] = [];
      for (const one of steps) await take(one, all);
      for (const payout of await heal(all)) {
        const { state, attempts, isContradicted } = shown(payout);
        const earlier = payout.attempts.filter(({ provider }) => provider !== payout.provider);
        const states = earlier.map((one) => wordOf(PayoutAttempt_State, one.state));
        const doubtful = states.filter((one) => !surelyUnpaid.has(one));
        const isDoubtful = isContradicted || doubtful.length > 0;
        expect(truthsOf(payout.id)).toContain(state);
        expect([attempts, isDoubtful && !isTooLate(payout.id)]).toEqual([attempts, false]);
        await checkHistory(payout);
      }
      const [counted, paid] = await countedAndPaid(banks[0]!);
      expect(counted).toBe(paid);
    });
    await fc.assert(property, { numRuns: 40, examples: wentWrong });
  },
);
