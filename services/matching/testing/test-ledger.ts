import { create } from "@bufbuild/protobuf";
import { timestampFromMs, timestampMs } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError, createClient, createRouterTransport } from "@connectrpc/connect";
import { Hold_Purpose, HoldState } from "#gen/mizan/billing/v1/hold_pb.ts";
import { HoldService } from "#gen/mizan/billing/v1/hold_service_pb.ts";
import { LedgerService } from "#gen/mizan/billing/v1/ledger_service_pb.ts";
import { ErrorInfoSchema } from "#gen/mizan/error/v1/error_pb.ts";
import { hexFromBytes } from "#mesh/ids.ts";
import { MAX_HOLD_STEP } from "#mesh/limits.ts";
import { testBooks } from "./test-books.ts";

type Method = "createHolds" | "releaseHolds" | "listHolds" | "lookupAccounts";

/** How a test makes the ledger fail; each field until it is changed. */
type Trouble = {
  /** Calls fail before they do anything. */
  isAway: boolean;
  /** So many calls do what they ought to, and fail then (O9). */
  lostAnswers: number;
  /** Is waited for before a call does anything. */
  gate: (method: Method) => Promise<void> | undefined;
};

/** The money of billing behind orders, in memory: its rules for FLOW-15 and FLOW-17. */
export function testLedger(nowMs: () => number = Date.now) {
  const books = testBooks(nowMs);
  const calls: { readonly method: Method; readonly items: number }[] = [];
  const trouble: Trouble = { isAway: false, lostAnswers: 0, gate: () => undefined };
  const hear = async <R>(method: Method, items: number, work: () => R): Promise<R> => {
    await trouble.gate(method);
    if (trouble.isAway) throw new ConnectError("the ledger is away", Code.Unavailable);
    if (items > 1000) throw new ConnectError(`${items} items`, Code.InvalidArgument);
    calls.push({ method, items });
    const result = work();
    if (trouble.lostAnswers === 0) return result;
    trouble.lostAnswers -= 1;
    throw new ConnectError("the answer is lost", Code.Unavailable);
  };
  const transport = createRouterTransport(({ service }) => {
    service(HoldService, {
      createHolds: async ({ holds }) =>
        hear("createHolds", holds.length, () => ({
          results: wellFormed(holds).map((hold) => toResult(hold.holdId, books.hold(hold))),
        })),
      releaseHolds: async ({ releases }) =>
        hear("releaseHolds", releases.length, () => ({
          results: wellFormed(releases).map((one) => toResult(one.holdId, books.release(one))),
        })),
      listHolds: async ({ startTime, endTime, pageSize, pageToken }) =>
        hear("listHolds", pageSize, () => {
          const [fromMs, toMs] = [timestampMs(startTime!), timestampMs(endTime!)];
          const all = books.made.filter(({ atMs }) => atMs >= fromMs && atMs < toMs);
          const from = Number(pageToken);
          const page = all.slice(from, from + pageSize);
          return {
            holds: page.map(({ atMs, ...hold }) => ({
              hold: { ...hold, purpose: Hold_Purpose.ORDER },
              createTime: timestampFromMs(atMs),
            })),
            nextPageToken: from + pageSize < all.length ? String(from + pageSize) : "",
          };
        }),
    });
    service(LedgerService, {
      lookupAccounts: async ({ accountIds }) =>
        hear("lookupAccounts", accountIds.length, () => ({
          accounts: accountIds.flatMap((id) => books.account(hexFromBytes(id)) ?? []),
        })),
    });
  });
  return {
    holds: createClient(HoldService, transport),
    ledger: createClient(LedgerService, transport),
    trouble,
    books,
    /** The calls as they came, with how many items each had. */
    calls: calls as readonly { readonly method: Method; readonly items: number }[],
  };
}

/** As the contract has it, which refuses a call as a whole. */
function wellFormed<T extends { readonly step: number }>(items: readonly T[]): readonly T[] {
  if (items.every(({ step }) => step <= MAX_HOLD_STEP)) return items;
  throw new ConnectError("a step is too high", Code.InvalidArgument);
}

function toResult(holdId: string, done: { readonly reason?: string; readonly before: boolean }) {
  const { reason, before: doneBefore } = done;
  if (reason === undefined) return { holdId, state: HoldState.HELD, doneBefore };
  return { holdId, error: create(ErrorInfoSchema, { reason, domain: "mizan.billing" }) };
}
