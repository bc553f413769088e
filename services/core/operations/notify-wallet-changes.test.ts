import { create } from "@bufbuild/protobuf";
import { type Timestamp, timestampFromMs } from "@bufbuild/protobuf/wkt";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import {
  type PostedTransfer,
  PostedTransferSchema,
  TransferPostedSchema,
} from "#gen/mizan/billing/v1/events_pb.ts";
import { TransferKind } from "#gen/mizan/billing/v1/transfer_pb.ts";
import { bytesOf, derivedId, newId } from "#mesh/ids.ts";
import { transaction } from "#mesh/database/transaction.ts";
import { textOf } from "../domain/notification.ts";
import { callWith, testCore } from "../testing/test-core.ts";
import { listNotifications } from "./list-notifications.ts";
import { isTold, notifyWalletChanges } from "./notify-wallet-changes.ts";
import { registerUser } from "./register-user.ts";

const { core, ...rest } = await testCore();
afterAll(async () => rest[Symbol.asyncDispose]());

let userId: string;
let people = 0;

beforeEach(async () => {
  people += 1;
  const names = { username: `person-${people}`, email: "", phoneNumber: "" };
  const request = { ...names, requestId: "", password: "blue tea pot 7" };
  userId = (await registerUser(core, request, callWith())).user!.id;
});

type Side = { readonly code: number; readonly ownerId?: string };
type Changes = {
  readonly kind?: TransferKind;
  readonly code?: number;
  readonly debit?: Side;
  readonly credit?: Side;
  readonly eventTime?: Timestamp;
};

const WITHDRAWAL = 6; // in the chart of transfers
const atMs = Date.UTC(2026, 10, 1);

function transfer(changes: Changes = {}): PostedTransfer {
  return create(PostedTransferSchema, {
    id: bytesOf(derivedId(newId())),
    kind: TransferKind.POST,
    code: 2,
    amount: { asset: "IRR", amount: "500.00" },
    debit: { code: 100, ownerId: userId },
    credit: { code: 400 },
    eventTime: timestampFromMs(atMs),
    ...changes,
  });
}

function charge(changes: Changes = {}): PostedTransfer {
  const [debit, credit] = [{ code: 700 }, { code: 100, ownerId: userId }];
  return transfer({ kind: TransferKind.SINGLE, code: 1, debit, credit, ...changes });
}

function commitOf(...transfers: PostedTransfer[]) {
  return create(TransferPostedSchema, { transfers });
}

async function deliver(...transfers: PostedTransfer[]): Promise<void> {
  await transaction(core.db, async (tx) => notifyWalletChanges(tx, commitOf(...transfers)));
}

async function told(pageSize = 0, pageToken = "") {
  return listNotifications(core, userId, { pageSize, pageToken });
}

describe("notifyWalletChanges()", () => {
  test.each([
    ["a charge", charge, "ACCOUNT_CHARGED", "500.00 IRR were added to your account."],
    [
      "a capture",
      transfer,
      "HOLD_CAPTURED",
      "500.00 IRR of the money held on your account were paid.",
    ],
    [
      "a release",
      () => transfer({ kind: TransferKind.VOID }),
      "HOLD_RELEASED",
      "500.00 IRR of the money held on your account are free again.",
    ],
    [
      "an expiry",
      () => transfer({ kind: TransferKind.EXPIRE }),
      "HOLD_RELEASED",
      "500.00 IRR of the money held on your account are free again.",
    ],
  ])("%s is told to the owner of the account", async (_, make, type, text) => {
    const change = make({});
    expect(isTold(commitOf(change))).toBe(true);
    await deliver(change);
    const [first, ...others] = (await told()).notifications;
    expect(first).toMatchObject({ type, values: { amount: "500.00", asset: "IRR" } });
    expect(first!.createdAtMs).toBe(atMs);
    expect(textOf(first!)).toBe(text);
    expect(others).toEqual([]);
  });

  test.each([
    ["a hold", () => transfer({ kind: TransferKind.PENDING })],
    ["a transfer for another reason", () => charge({ code: 100 })],
    ["a charge of an account of the house", () => charge({ credit: { code: 400 } })],
    [
      "a charge of somebody whom nobody knows",
      () => charge({ credit: { code: 100, ownerId: newId() } }),
    ],
    ["an owner that is no user", () => charge({ credit: { code: 100, ownerId: "42" } })],
  ])("%s is told to nobody", async (_, make) => {
    await deliver(make());
    expect((await told()).notifications).toEqual([]);
  });

  test("a commit is told of when any of its transfers is, as those of withdrawals never are", () => {
    const hold = transfer({ code: WITHDRAWAL, kind: TransferKind.PENDING });
    const others = [hold, transfer({ code: WITHDRAWAL }), transfer({ kind: TransferKind.PENDING })];
    expect(isTold(commitOf())).toBe(false);
    expect(isTold(commitOf(...others))).toBe(false);
    expect(isTold(commitOf(...others, charge()))).toBe(true);
  });

  test("O5 an event that is delivered twice is told once", async () => {
    const transfers = [charge(), transfer(), charge()];
    await deliver(...transfers);
    await deliver(...transfers);
    expect((await told()).notifications).toHaveLength(3);
  });

  test("an event of thousands of transfers is told in one go", async () => {
    await deliver(...Array.from({ length: 3000 }, () => charge()));
    const page = await told(1000);
    expect(page.notifications).toHaveLength(1000);
    expect(page.nextPageToken).not.toBe("");
  });
});
