import fc from "fast-check";
import { expect, test } from "vitest";
import { type ChunkMoney, type Decided, decideChunk, type MoneyStep } from "./decide-chunk.ts";
import type { Input } from "./inputs.ts";

const inputs: readonly Input[] = [
  { kind: "TAKEN", provider: "magfa" },
  { kind: "TAKEN", provider: "magfa" },
  { kind: "SENT", providerId: "1" },
  { kind: "SENT", providerId: "1" },
  { kind: "PUT_BACK" },
  { kind: "REFUSED", failure: "INVALID_NUMBER" },
  { kind: "UNKNOWN" },
  { kind: "NOT_FOUND" },
  { kind: "GIVEN_UP" },
  { kind: "EXPIRED" },
  { kind: "RECEIPT", state: "DELIVERED" },
  { kind: "RECEIPT", state: "UNDELIVERED" },
  { kind: "RECEIPT", state: "FAILED" },
  { kind: "NO_RECEIPT" },
];

test("MON-7 a chunk captures once, releases or captures its hold, and refunds what fails later", () => {
  const advance = fc.record({ at: fc.nat({ max: 3 }), input: fc.constantFrom(...inputs) });
  const batches = fc.array(fc.array(advance, { maxLength: 8 }), { maxLength: 12 });
  const prices = fc.array(fc.bigInt({ min: 0n, max: 500n }), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(prices, batches, fc.boolean(), (paid, all, refundUndelivered) => {
      const world = open(paid);
      for (const batch of all) {
        const own = batch
          .filter(({ at }) => at < paid.length)
          .map(({ at, input }) => ({ messageId: `m${at}`, input }));
        apply(world, own, refundUndelivered);
        expect(toldOf(world)).toEqual(owedBy(world));
      }
    }),
    { numRuns: 3000 },
  );
});

test("MON-7 what fails with the answer that accepts the first is not captured", () => {
  const world = open([100n, 200n, 400n]);
  for (const id of ["m0", "m1"]) apply(world, [{ messageId: id, input: inputs[0]! }], false);
  const refused: Input = { kind: "REFUSED", failure: "INVALID_NUMBER" };
  apply(
    world,
    [
      { messageId: "m0", input: { kind: "SENT", providerId: "1" } },
      { messageId: "m1", input: refused },
    ],
    false,
  );
  expect(world.steps).toEqual([{ kind: "CAPTURE", amount: 500n }]);
  apply(world, [{ messageId: "m2", input: refused }], false);
  expect(world.steps.at(-1)).toEqual({ kind: "REFUND", messageId: "m2", amount: 400n });
});

test("MON-7 the last message that fails before any was sent releases the hold", () => {
  const world = open([100n, 200n]);
  const refused: Input = { kind: "REFUSED", failure: "INVALID_NUMBER" };
  apply(world, [{ messageId: "m0", input: refused }], false);
  expect(world.steps).toEqual([]);
  apply(world, [{ messageId: "m1", input: refused }], false);
  expect(world.steps).toEqual([{ kind: "RELEASE" }]);
});

type World = {
  readonly messages: Map<string, Decided>;
  readonly steps: MoneyStep[];
  money: ChunkMoney;
};

function open(prices: readonly bigint[]): World {
  const messages = prices.map((price, at): Decided => {
    const id = `m${at}`;
    const standing = { state: "QUEUED", charge: "RESERVED", isOver: at % 2 === 1 } as const;
    return { id, price, ...standing, failure: undefined, revision: 1 };
  });
  return {
    messages: new Map(messages.map((message) => [message.id, message])),
    steps: [],
    money: {
      charge: "RESERVED",
      openCount: prices.length,
      openAmount: prices.reduce((sum, price) => sum + price, 0n),
    },
  };
}

function apply(
  world: World,
  own: readonly { messageId: string; input: Input }[],
  refundUndelivered: boolean,
): void {
  const { messages, money } = world;
  const decision = decideChunk(money, messages, own, { refundUndelivered });
  for (const { message } of decision.moves) messages.set(message.id, message);
  const moved = new Set(decision.moves.map(({ message }) => message.id));
  const beside = [...messages.values()].filter(({ id, charge }) => {
    return charge === "RESERVED" && decision.chunk.charge === "CAPTURED" && !moved.has(id);
  });
  expect(decision.capturedBeside).toBe(beside.length);
  for (const message of beside) messages.set(message.id, { ...message, charge: "CAPTURED" });
  world.money = decision.chunk;
  world.steps.push(...decision.steps);
}

/** What the ledger and the chunk were told (MON-9). */
function toldOf({ steps, money }: World) {
  const told = (kind: MoneyStep["kind"]) => steps.filter((step) => step.kind === kind);
  const amount = (kind: MoneyStep["kind"]) =>
    told(kind).reduce((total, step) => total + ("amount" in step ? step.amount : 0n), 0n);
  const refunded = told("REFUND").map((step) => "messageId" in step && step.messageId);
  return {
    taken: amount("CAPTURE") - amount("REFUND"),
    open: money.openAmount,
    openCount: money.openCount,
    isEndedTwice: told("CAPTURE").length + told("RELEASE").length > 1,
    isRefundedTwice: new Set(refunded).size < refunded.length,
    isRefundFirst: steps[0]?.kind === "REFUND",
  };
}

/** What it had to be, by the messages alone. */
function owedBy({ messages }: World): ReturnType<typeof toldOf> {
  const all = [...messages.values()];
  const of = (charge: string) => all.filter((message) => message.charge === charge);
  const sum = (charge: string) => of(charge).reduce((total, { price }) => total + price, 0n);
  return {
    taken: sum("CAPTURED"),
    open: sum("RESERVED"),
    openCount: of("RESERVED").length,
    isEndedTwice: false,
    isRefundedTwice: false,
    isRefundFirst: false,
  };
}
