import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Input } from "./inputs.ts";
import { type ChargeState, hasEnded, type MessageState } from "./message.ts";
import { next, type Standing } from "./message-machine.ts";

/** The table of states, said once more: from, cause, to, money, failure. All else is no move. */
const table = `
  QUEUED              TAKEN               SENDING     -
  QUEUED              TAKEN late          EXPIRED     give-back
  QUEUED              EXPIRED late        EXPIRED     give-back
  QUEUED              REFUSED             FAILED      give-back  INVALID_NUMBER
  QUEUED              SENT                SENT        capture
  SENDING             SENT                SENT        capture
  SENDING             PUT_BACK            QUEUED      -
  SENDING             REFUSED             FAILED      give-back  INVALID_NUMBER
  SENDING             UNKNOWN             UNCERTAIN   -
  UNCERTAIN           SENT                SENT        capture
  UNCERTAIN           NOT_FOUND           QUEUED      -
  UNCERTAIN           NOT_FOUND late      EXPIRED     give-back
  UNCERTAIN           EXPIRED late        EXPIRED     give-back
  UNCERTAIN           GIVEN_UP            FAILED      give-back  UNKNOWN_OUTCOME
  SENT                RECEIPT-DELIVERED   DELIVERED   -
  SENT                RECEIPT-UNDELIVERED UNDELIVERED by-policy
  SENT                RECEIPT-FAILED      FAILED      give-back  NOT_REACHED_OPERATOR
  SENT                NO_RECEIPT          FAILED      give-back  NO_RECEIPT
  PARTIALLY_DELIVERED RECEIPT-DELIVERED   DELIVERED   -
  PARTIALLY_DELIVERED RECEIPT-UNDELIVERED UNDELIVERED by-policy
  PARTIALLY_DELIVERED RECEIPT-FAILED      UNDELIVERED by-policy
  PARTIALLY_DELIVERED NO_RECEIPT          UNDELIVERED by-policy  PARTIAL_RECEIPT`
  .trim()
  .split("\n")
  .map((line) => /^\s*(\S+)\s+(\S+?)( late)?\s+(\S+)\s+(\S+)\s*(\S+)?$/.exec(line)!)
  .map(([, from, cause, late, to, money, failure]) => {
    return { from, cause, isLate: late !== undefined, to, money, failure };
  });

const inputs: readonly Input[] = [
  { kind: "TAKEN", provider: "magfa" },
  { kind: "SENT", providerId: "1" },
  { kind: "PUT_BACK" },
  { kind: "REFUSED", failure: "INVALID_NUMBER" },
  { kind: "UNKNOWN" },
  { kind: "NOT_FOUND" },
  { kind: "GIVEN_UP" },
  { kind: "EXPIRED" },
  { kind: "RECEIPT", state: "DELIVERED" },
  { kind: "RECEIPT", state: "UNDELIVERED" },
  { kind: "RECEIPT", state: "SENT" },
  { kind: "RECEIPT", state: "FAILED" },
  { kind: "NO_RECEIPT" },
];
const states: readonly MessageState[] = [
  ...(["ACCEPTED", "SCHEDULED", "QUEUED", "SENDING", "SENT", "UNCERTAIN"] as const),
  ...(["PARTIALLY_DELIVERED", "DELIVERED", "UNDELIVERED", "FAILED"] as const),
  ...(["CANCELLED", "EXPIRED", "REJECTED"] as const),
];
const charges = ["NONE", "RESERVED", "CAPTURED", "RELEASED", "REFUNDED"] as const;
const flags = [true, false];
const cases = states.flatMap((state) => flags.map((isRefunded) => [state, isRefunded] as const));
const circumstances = inputs.flatMap((input) =>
  charges.flatMap((charge) => flags.map((isOver) => [input, charge, isOver] as const)),
);

const nameOf = (input: Input) => (input.kind === "RECEIPT" ? `RECEIPT-${input.state}` : input.kind);

/** What the table says, without a thought for how the machine is made. */
function naive({ state, charge, isOver }: Standing, input: Input, refundUndelivered: boolean) {
  const rows = table.filter(({ from, cause }) => from === state && cause === nameOf(input));
  const row = rows.find(({ isLate }) => isLate === isOver) ?? rows.find(({ isLate }) => !isLate);
  if (row === undefined) return undefined;
  const { to, money, failure } = row;
  const isBack = money === "give-back" || (money === "by-policy" && refundUndelivered);
  const after = new Map<string, string>([
    ...(money === "capture" ? [["RESERVED", "CAPTURED"] as const] : []),
    ...(isBack ? [["RESERVED", "RELEASED"] as const, ["CAPTURED", "REFUNDED"] as const] : []),
  ]);
  return { state: to, charge: after.get(charge) ?? charge, ...(failure && { failure }) };
}

describe("ST the table of states", () => {
  test.each(cases)(
    "ST-1 a message that is %s moves as the table says (refunds: %s)",
    (...given) => {
      const [state, refundUndelivered] = given;
      for (const [input, charge, isOver] of circumstances) {
        const message = { state, charge, isOver };
        const wanted = { input, move: naive(message, input, refundUndelivered) };
        expect({ input, move: next(message, input, { refundUndelivered }) }).toEqual(wanted);
      }
    },
  );

  test("ST ends absorb whatever comes later", () => {
    for (const state of states.filter(hasEnded))
      for (const input of inputs)
        expect(
          next({ state, charge: "CAPTURED", isOver: true }, input, { refundUndelivered: true }),
        ).toBeUndefined();
  });

  test("ST-3 any course of inputs is that of the table, ends once and gives money back once", () => {
    const step = fc.record({ input: fc.constantFrom(...inputs), isOver: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), fc.boolean(), (steps, refundUndelivered) => {
        let message: { state: MessageState; charge: ChargeState } = {
          state: "QUEUED",
          charge: "RESERVED",
        };
        let ends = 0;
        const seen: ChargeState[] = [message.charge];
        for (const { input, isOver } of steps) {
          const standing = { ...message, isOver };
          const move = next(standing, input, { refundUndelivered });
          expect(move).toEqual(naive(standing, input, refundUndelivered));
          if (move === undefined) continue;
          message = move;
          if (hasEnded(move.state)) ends += 1;
          if (move.charge !== seen.at(-1)) seen.push(move.charge);
        }
        expect(ends).toBeLessThanOrEqual(1);
        expect(courses).toContain(seen.join(" "));
      }),
      { numRuns: 3000 },
    );
  });
});

const courses = [
  "RESERVED",
  "RESERVED RELEASED",
  "RESERVED CAPTURED",
  "RESERVED CAPTURED REFUNDED",
];
