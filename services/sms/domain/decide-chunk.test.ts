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
        check(world);
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

/** MON-9, for one chunk. */
function check({ messages, steps, money }: World): void {
  const all = [...messages.values()];
  const sum = (charge: string) =>
    all.reduce((total, one) => total + (one.charge === charge ? one.price : 0n), 0n);
  const told = (kind: MoneyStep["kind"]) => steps.filter((step) => step.kind === kind);
  const amount = (kind: MoneyStep["kind"]) =>
    told(kind).reduce((total, step) => total + ("amount" in step ? step.amount : 0n), 0n);
  expect(told("CAPTURE").length + told("RELEASE").length).toBeLessThanOrEqual(1);
  const refunded = told("REFUND").map((step) => "messageId" in step && step.messageId);
  expect(new Set(refunded).size).toBe(refunded.length);
  expect(steps.findIndex(({ kind }) => kind === "REFUND")).not.toBe(0);
  expect(amount("CAPTURE") - amount("REFUND")).toBe(sum("CAPTURED"));
  expect(money.openAmount).toBe(sum("RESERVED"));
  expect(money.openCount).toBe(all.filter(({ charge }) => charge === "RESERVED").length);
}
