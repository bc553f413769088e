import { create } from "@bufbuild/protobuf";
import { type Client, createClient, createRouterTransport } from "@connectrpc/connect";
import { HoldState } from "#gen/mizan/billing/v1/hold_pb.ts";
import { HoldService } from "#gen/mizan/billing/v1/hold_service_pb.ts";
import { ErrorInfoSchema } from "#gen/mizan/error/v1/error_pb.ts";
import { toMinor } from "#mesh/money.ts";
import type { Trouble } from "./trouble.ts";

type Method = "createHolds" | "captureHolds" | "releaseHolds" | "refundHolds";

/** A hold as the ledger of a test has it. */
export type FakeHold = {
  readonly ownerId: string;
  /** Amount and fee, in minor units. */
  readonly amount: bigint;
  readonly fee: bigint;
  state: "HELD" | "CAPTURED" | "RELEASED";
  bank: string;
  /** How often it was changed into its state: more than once would be money twice. */
  endings: number;
  refundId: string;
};

/** Credits and the pool of billing in memory, with its rules for the withdrawals of merchants. */
export function fakeHolds(trouble: Trouble<Method>) {
  const credits = new Map<string, bigint>();
  const holds = new Map<string, FakeHold>();
  const refusals = new Map<string, string>();
  const repaid = new Map<string, bigint>();
  const books = { pool: 0n };
  const wholeOf = ({ amount, fee }: FakeHold) => amount + fee;

  const make = (holdId: string, hold: FakeHold): string | undefined => {
    const known = refusals.get(holdId);
    if (known !== undefined || holds.has(holdId)) return known;
    const credit = credits.get(hold.ownerId);
    const why =
      credit === undefined
        ? "OWNER_NOT_FOUND"
        : credit < wholeOf(hold)
          ? "INSUFFICIENT_CREDIT"
          : books.pool < wholeOf(hold)
            ? "POOL_EXHAUSTED"
            : undefined;
    if (why !== undefined) refusals.set(holdId, why); // the ids are used up
    if (why !== undefined) return why;
    credits.set(hold.ownerId, credit! - wholeOf(hold));
    books.pool -= wholeOf(hold);
    holds.set(holdId, hold);
    return undefined;
  };
  const end = (holdId: string, state: "CAPTURED" | "RELEASED", bank: string) => {
    const hold = holds.get(holdId);
    if (hold === undefined) return "HOLD_NOT_FOUND";
    if (hold.state !== "HELD" && hold.state !== state) return `HOLD_ALREADY_${hold.state}`;
    if (hold.state === state) return hold.bank === bank ? undefined : `HOLD_ALREADY_${state}`;
    hold.state = state;
    hold.bank = bank;
    hold.endings += 1;
    if (state === "RELEASED") give(hold, wholeOf(hold));
    return undefined;
  };
  const give = ({ ownerId }: FakeHold, amount: bigint) => {
    credits.set(ownerId, credits.get(ownerId)! + amount);
    books.pool += amount;
  };
  /** What an owner has used and neither got nor paid back. */
  const utilizedBy = (ownerId: string) => {
    const own = [...holds.values()].filter((one) => one.ownerId === ownerId);
    const taken = own.filter((one) => one.state === "CAPTURED" && one.refundId === "");
    const used = taken.reduce((sum, one) => sum + wholeOf(one), 0n);
    return used - (repaid.get(ownerId) ?? 0n);
  };
  const refund = (refundId: string, holdId: string, amount: bigint) => {
    const hold = holds.get(holdId);
    if (hold?.state !== "CAPTURED") return hold ? "HOLD_NOT_CAPTURED" : "HOLD_NOT_FOUND";
    if (hold.refundId !== "") return hold.refundId === refundId ? undefined : "REFUND_EXCEEDED";
    if (amount !== hold.amount) return "INVALID_AMOUNT";
    if (amount > utilizedBy(hold.ownerId)) return "REPAYMENT_EXCEEDED";
    hold.refundId = refundId;
    hold.endings += 1;
    give(hold, amount);
    return undefined;
  };
  const rules = { make, end, refund, stateOf: (holdId: string) => holds.get(holdId)?.state };
  const client = clientOf(rules, trouble);
  return { client, credits, holds, books, repaid };
}

/** What the ledger does; each returns why it does not. */
type Rules = {
  readonly make: (holdId: string, hold: FakeHold) => string | undefined;
  readonly end: (
    holdId: string,
    state: "CAPTURED" | "RELEASED",
    bank: string,
  ) => string | undefined;
  readonly refund: (refundId: string, holdId: string, amount: bigint) => string | undefined;
  readonly stateOf: (holdId: string) => FakeHold["state"] | undefined;
};

function clientOf({ make, end, refund, stateOf }: Rules, trouble: Trouble<Method>) {
  const result = (holdId: string, reason: string | undefined) => {
    const state = stateOf(holdId);
    return {
      holdId,
      ...(reason !== undefined && { error: infoOf(reason) }),
      state: state === undefined ? HoldState.UNSPECIFIED : HoldState[state],
    };
  };
  const transport = createRouterTransport(({ service }) =>
    service(HoldService, {
      createHolds: async (call) =>
        trouble.hear("createHolds", call.holds, ({ holdId, ownerId, amount, fee }) => {
          const hold = { ownerId, amount: minor(amount), fee: minor(fee), state: "HELD" as const };
          const ends = { bank: "", endings: 0, refundId: "" };
          return result(holdId, make(holdId, { ...hold, ...ends }));
        }),
      captureHolds: async (call) =>
        trouble.hear("captureHolds", call.captures, ({ holdId, bank }) =>
          result(holdId, end(holdId, "CAPTURED", bank)),
        ),
      releaseHolds: async (call) =>
        trouble.hear("releaseHolds", call.releases, ({ holdId }) =>
          result(holdId, end(holdId, "RELEASED", "")),
        ),
      refundHolds: async (call) =>
        trouble.hear("refundHolds", call.refunds, ({ refundId, holdId, amount }) => {
          const reason = refund(refundId, holdId, minor(amount));
          return { refundId, ...(reason !== undefined && { error: infoOf(reason) }) };
        }),
    }),
  );
  const client: Client<typeof HoldService> = createClient(HoldService, transport);
  return client;
}

function minor(money: { readonly amount: string } | undefined): bigint {
  return money === undefined ? 0n : toMinor(money.amount, 2);
}

/** The reason of a refusal of one item. */
export function infoOf(reason: string) {
  return create(ErrorInfoSchema, { reason, domain: "mizan.billing" });
}
