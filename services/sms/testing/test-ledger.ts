import { create } from "@bufbuild/protobuf";
import {
  Code,
  ConnectError,
  createClient,
  createRouterTransport,
  type ServiceImpl,
} from "@connectrpc/connect";
import { HoldState } from "#gen/mizan/billing/v1/hold_pb.ts";
import { HoldService } from "#gen/mizan/billing/v1/hold_service_pb.ts";
import { ErrorInfoSchema } from "#gen/mizan/error/v1/error_pb.ts";
import { fromMinor } from "#mesh/money.ts";
import type { Currency } from "../events.ts";
import * as books from "./test-books.ts";

type Method = "createHolds" | "captureHolds" | "releaseHolds" | "refundHolds";

/** How a test makes the ledger fail; each field until it is changed. */
type Trouble = {
  /** Calls fail before they do anything. */
  isAway: boolean;
  /** So many calls do what they ought to, and fail then (O9). */
  lostAnswers: number;
  /** Is waited for before a call does anything. */
  gate: (method: Method) => Promise<void> | undefined;
};

/** The money of billing, in memory: its rules for holds, one call after the other. */
export function testLedger(currency: Currency) {
  const kept = books.testBooks(currency);
  const { holds, refunds } = kept;
  const calls: { readonly method: Method; readonly items: number }[] = [];
  const trouble: Trouble = { isAway: false, lostAnswers: 0, gate: () => undefined };
  const hear: Hear = async (method, items, one) => {
    await trouble.gate(method);
    if (trouble.isAway) throw new ConnectError("the ledger is away", Code.Unavailable);
    const isValid = items.length > 0 && items.length <= 1000;
    if (!isValid) throw new ConnectError(`${items.length} items`, Code.InvalidArgument);
    calls.push({ method, items: items.length });
    const results = items.map(one);
    if (trouble.lostAnswers === 0) return { results };
    trouble.lostAnswers -= 1;
    throw new ConnectError("the answer is lost", Code.Unavailable);
  };
  const implementation = serviceOf(kept, hear);
  const transport = createRouterTransport(({ service }) => service(HoldService, implementation));
  const sumOf = (ownerId: string, amountOf: (hold: books.TestHold) => bigint) =>
    [...holds.values()]
      .filter((hold) => hold.ownerId === ownerId)
      .reduce((sum, hold) => sum + amountOf(hold), 0n);
  return {
    client: createClient(HoldService, transport),
    trouble,
    /** All holds that were made, by id. */
    holds: holds as ReadonlyMap<string, books.TestHold>,
    refunds: refunds as ReadonlyMap<string, { readonly holdId: string; readonly amount: bigint }>,
    /** The calls as they came, with how many items each had. */
    calls: calls as readonly { readonly method: Method; readonly items: number }[],
    /** Opens an account and puts money on it, in minor units. */
    charge: (ownerId: string, amount: bigint) => books.move(kept, ownerId, amount),
    /** What an owner can spend, in minor units. */
    available: (ownerId: string) => books.availableOf(kept, ownerId),
    /** What is reserved of an owner's money, in minor units. */
    held: (ownerId: string) =>
      sumOf(ownerId, ({ state, amount }) => (state === "held" ? amount : 0n)),
    /** What an owner paid in the end, in minor units. */
    paid: (ownerId: string) => sumOf(ownerId, ({ captured, refunded }) => captured - refunded),
    /** Ends a hold by its time. */
    expire: (holdId: string) => books.endFree(kept, holds.get(holdId)!, "expired"),
  };
}

/** Hears a call and does its items in order, as the trouble of the test wants it. */
type Hear = <I, R>(
  method: Method,
  items: readonly I[],
  one: (item: I) => R,
) => Promise<{ results: R[] }>;

function serviceOf(kept: books.TestBooks, hear: Hear): Partial<ServiceImpl<typeof HoldService>> {
  const { asset, scale, holds, refunds } = kept;
  const money = (minor: bigint) => ({ asset, amount: fromMinor(minor, scale) });
  const withHold = <I extends { holdId: string }>(
    change: (of: books.TestBooks, item: I) => string | undefined,
  ) => {
    return (item: I) => {
      const reason = change(kept, item);
      const hold = holds.get(item.holdId);
      return {
        holdId: item.holdId,
        state: hold === undefined ? HoldState.UNSPECIFIED : states[hold.state],
        ...(reason !== undefined && { error: infoOf(reason) }),
        ...(hold?.state === "captured" && { captured: money(hold.captured) }),
      };
    };
  };
  return {
    createHolds: async (call) => hear("createHolds", call.holds, withHold(books.reserve)),
    captureHolds: async (call) => hear("captureHolds", call.captures, withHold(books.capture)),
    releaseHolds: async (call) => hear("releaseHolds", call.releases, withHold(books.release)),
    refundHolds: async (call) =>
      hear("refundHolds", call.refunds, (item) => {
        const { refundId } = item;
        const reason = books.refund(kept, item);
        if (reason !== undefined) return { refundId, error: infoOf(reason) };
        return { refundId, refunded: money(refunds.get(refundId)!.amount) };
      }),
  };
}

const states = {
  held: HoldState.HELD,
  captured: HoldState.CAPTURED,
  released: HoldState.RELEASED,
  expired: HoldState.EXPIRED,
};

function infoOf(reason: string) {
  return create(ErrorInfoSchema, { reason, domain: "mizan.billing" });
}
