import { expect, test } from "vitest";
import { newId } from "#mesh/ids.ts";
import * as domain from "./withdrawal.ts";

const states = [
  "REQUESTED",
  "HELD",
  "SETTLING",
  "SUCCEEDED",
  "FAILED",
  "CANCELLED",
  "RETURNED",
] as const;
const payoutStates = [
  "PENDING",
  "SENDING",
  "SUCCEEDED",
  "FAILED",
  "UNKNOWN",
  "CANCELLED",
  "RETURNED",
] as const;

function withdrawal(changes: Partial<domain.Withdrawal> = {}): domain.Withdrawal {
  return {
    id: newId(),
    merchantId: newId(),
    amount: 100n,
    fee: 0n,
    bankAccount: "",
    state: "REQUESTED",
    reason: "",
    provider: "",
    bankReference: "",
    attempts: [],
    payoutState: undefined,
    payoutVersion: 0,
    version: 1,
    tries: 0,
    createdAtMs: 0,
    updatedAtMs: 0,
    ...changes,
  };
}

function news(changes: Partial<domain.PayoutNews> = {}): domain.PayoutNews {
  const nothing = { reason: "", provider: "", bankReference: "", attempts: [] };
  return { ...nothing, id: "", state: "SENDING", version: 5, ...changes };
}

/** Every state with everything that settlement may have said, as a row may have them. */
const all = states.flatMap((state) =>
  [undefined, ...payoutStates].map((payoutState) =>
    withdrawal({ state, payoutState, payoutVersion: payoutState === undefined ? 0 : 3 }),
  ),
);

const nameOf = ({ state, payoutState }: domain.Withdrawal) => `${state} ${payoutState ?? "-"}`;

test("HOLD-1 PAY-5 the next step follows from what is known, and from nothing else", () => {
  const steps = Map.groupBy(all, (one) => domain.nextStep(one));
  const named = Object.fromEntries(
    Array.from(steps, ([step, some]) => [step, some.map(nameOf).toSorted()]),
  );
  const of = (state: string) => [undefined, ...payoutStates].map((one) => `${state} ${one ?? "-"}`);
  const isDone = (name: string) => name !== "SUCCEEDED RETURNED";
  expect(named).toEqual({
    HOLD: of("REQUESTED").toSorted(),
    PAY: [
      ...of("HELD"),
      ...["-", "PENDING", "SENDING", "UNKNOWN"].map((one) => `SETTLING ${one}`),
    ].toSorted(),
    CAPTURE: ["SETTLING RETURNED", "SETTLING SUCCEEDED"],
    RELEASE: ["SETTLING CANCELLED", "SETTLING FAILED"],
    REFUND: ["SUCCEEDED RETURNED"],
    NONE: ["SUCCEEDED", "FAILED", "CANCELLED", "RETURNED"].flatMap(of).filter(isDone).toSorted(),
  });
});

test("all that can happen to a withdrawal moves it along its way or changes nothing", () => {
  const moves = new Set<string>();
  for (const from of all) {
    const happened = [
      domain.held(from),
      domain.refused(from, "POOL_EXHAUSTED"),
      domain.booked(from),
      ...payoutStates.map((state) => domain.heard(from, news({ state }))),
    ];
    const changed = happened.filter((to) => to !== from);
    for (const to of changed) {
      moves.add(`${from.state} ${to.state}`);
      expect(domain.statesBefore(to.state)).toContain(from.state);
    }
  }
  expect([...moves].toSorted()).toEqual([
    "HELD SETTLING",
    "REQUESTED FAILED",
    "REQUESTED HELD",
    "SETTLING CANCELLED",
    "SETTLING FAILED",
    "SETTLING SETTLING",
    "SETTLING SUCCEEDED",
    "SUCCEEDED RETURNED",
  ]);
});

test("nothing but a return is ever written over an end", () => {
  for (const to of states) {
    const before = domain.statesBefore(to);
    const ends = before.filter((state) => domain.hasEnded({ state }));
    expect([to, ends]).toEqual([to, to === "RETURNED" ? ["SUCCEEDED"] : []]);
  }
});

test("a payout that has ended says how its withdrawal ends", () => {
  const endOf = (payoutState: domain.PayoutState) =>
    domain.booked(withdrawal({ state: "SETTLING", payoutState })).state;
  expect(payoutStates.map((state) => [state, endOf(state)])).toEqual([
    ["PENDING", "SETTLING"],
    ["SENDING", "SETTLING"],
    ["SUCCEEDED", "SUCCEEDED"],
    ["FAILED", "FAILED"],
    ["UNKNOWN", "SETTLING"],
    ["CANCELLED", "CANCELLED"],
    ["RETURNED", "SUCCEEDED"], // it was paid before; that it came back is the next step
  ]);
});

test("older news of a payout change nothing, the first ones always do", () => {
  const known = withdrawal({ state: "SETTLING", payoutState: "SENDING", payoutVersion: 5 });
  for (const version of [4, 5]) {
    expect(domain.heard(known, news({ state: "FAILED", version }))).toBe(known);
  }
  expect(domain.heard(known, news({ version: 6 }))).toMatchObject({ payoutVersion: 6 });
  const first = domain.heard(withdrawal({ state: "HELD" }), news({ version: 0 }));
  expect(first).toMatchObject({ state: "SETTLING", payoutState: "SENDING" });
});

test("news that were noted before the payout was heard of are taken when they are told again", () => {
  const noted = withdrawal({ state: "HELD", payoutState: "RETURNED", payoutVersion: 5 });
  const told = domain.heard(noted, news({ state: "RETURNED" }));
  expect(domain.nextStep(told)).toBe("CAPTURE");
  expect(domain.heard(noted, news({ state: "SUCCEEDED", version: 4 }))).toBe(noted);
});

test("what a payout waits for is no reason of a failure", () => {
  const held = withdrawal({ state: "HELD" });
  const reasonOf = (state: domain.PayoutState) =>
    domain.heard(held, news({ state, reason: "DAILY_LIMIT" })).reason;
  expect(payoutStates.filter((state) => reasonOf(state) !== "")).toEqual(["FAILED", "CANCELLED"]);
});

test("a refusal of the ledger is told from a failure at the bank with the same word", () => {
  const refused = domain.refused(withdrawal(), "INSUFFICIENT_CREDIT");
  expect(domain.refusalOf(refused)).toBe("INSUFFICIENT_CREDIT");
  const failed = { ...refused, payoutState: "FAILED" as const };
  expect(domain.refusalOf(failed)).toBeUndefined();
  expect(domain.refusalOf(withdrawal())).toBeUndefined();
});
