import type { CallOptions, Client } from "@connectrpc/connect";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { afterAll, describe, expect, test } from "vitest";
import { AccountStatus } from "#gen/mizan/billing/v1/account_pb.ts";
import { LedgerService } from "#gen/mizan/billing/v1/ledger_service_pb.ts";
import { TransferStatus } from "#gen/mizan/billing/v1/transfer_pb.ts";
import { Entry_Type } from "#gen/mizan/billing/v1/wallet_pb.ts";
import {
  ExportEntriesRequest_Format as Format,
  type ExportEntriesResponse,
  WalletService,
} from "#gen/mizan/billing/v1/wallet_service_pb.ts";
import { bytesOf, derivedId, hexOf, newId } from "#mesh/ids.ts";
import { reasonOf } from "#mesh/errors.ts";
import { failureOf } from "#mesh/testing/failure.ts";
import { serveBilling } from "./testing/serve-billing.ts";

// What people and services read of the books, as they see it from outside.

const served = await serveBilling();
afterAll(async () => served[Symbol.asyncDispose]());
const ledger = served.inside("core").of(LedgerService);

const idOf = (path: string) => bytesOf(derivedId(`account/${path}`));
const available = (userId: string) => idOf(`user/${userId}/available/IRR`);
const inOrders = (userId: string) => idOf(`user/${userId}/in_orders/IRR`);
const world = idOf("world/IRR");
const irr = (amount: string) => ({ asset: "IRR", amount });

/** Opens both accounts of an owner. */
async function join(): Promise<string> {
  const userId = newId();
  const common = { asset: "IRR", flags: 2, userData: bytesOf(hexOf(userId)) };
  const accounts = [
    { ...common, id: available(userId), code: 100 },
    { ...common, id: inOrders(userId), code: 101 },
  ];
  const { results } = await ledger.createAccounts({ requestId: newId(), accounts });
  expect(results.map(({ status }) => status)).toEqual(Array(2).fill(AccountStatus.CREATED));
  return userId;
}

type Move = { from: Uint8Array; to: Uint8Array; amount: string; code: number; reference?: string };

async function move(...moves: readonly Move[]) {
  const transfers = moves.map(({ from, to, ...rest }) =>
    Object.assign(rest, {
      id: bytesOf(hexOf(newId())),
      debitAccountId: from,
      creditAccountId: to,
      asset: "IRR",
      userData: bytesOf(hexOf(newId())),
    }),
  );
  const { results } = await ledger.createTransfers({ requestId: newId(), transfers });
  expect(results.map(({ status }) => status)).toEqual(moves.map(() => TransferStatus.CREATED));
  return transfers;
}

type Wire = "gRPC" | "HTTP";

/** The wallet of a person, over one of the wires. */
async function walletOf(wire: Wire, userId: string) {
  const headers = { authorization: `Bearer ${await served.tokenOf(userId, "USER")}` };
  const wallet: Client<typeof WalletService> =
    wire === "gRPC"
      ? served.inside("operator").of(WalletService)
      : await served.outside(WalletService, userId, "USER");
  return { wallet, options: { headers } satisfies CallOptions };
}

async function textOf(pieces: AsyncIterable<ExportEntriesResponse>): Promise<string> {
  const all = await Array.fromAsync(pieces);
  return Buffer.concat(all.map(({ piece }) => piece)).toString();
}

describe.each<Wire>(["gRPC", "HTTP"])("over %s", (wire) => {
  test("ACC-4 what is behind orders is held, and a move between the own accounts is one entry", async () => {
    const userId = await join();
    await move(
      { from: world, to: available(userId), amount: "100.00", code: 1, reference: "cash" },
      { from: available(userId), to: inOrders(userId), amount: "40.00", code: 8 },
      { from: inOrders(userId), to: world, amount: "15.00", code: 9 },
      { from: inOrders(userId), to: available(userId), amount: "5.00", code: 8 },
    );
    const { wallet, options } = await walletOf(wire, userId);
    const balance = { available: irr("65.00"), held: irr("20.00"), total: irr("85.00") };
    expect((await wallet.getBalance({ asset: "IRR" }, options)).balance).toMatchObject(balance);
    expect((await wallet.listBalances({}, options)).balances).toMatchObject([balance]);
    const { entries } = await wallet.listEntries({ asset: "IRR" }, options);
    const lines = entries.map(({ type, amount, balanceAfter }) => {
      return [type, amount?.amount, balanceAfter?.available?.amount, balanceAfter?.held?.amount];
    });
    expect(lines).toEqual([
      [Entry_Type.HOLD_RELEASE, "5.00", "65.00", "20.00"],
      [Entry_Type.TRADE, "15.00", "60.00", "25.00"],
      [Entry_Type.HOLD, "40.00", "60.00", "40.00"],
      [Entry_Type.CHARGE, "100.00", "100.00", "0.00"],
    ]);
    const types = [Entry_Type.CHARGE, Entry_Type.TRADE];
    const some = await wallet.listEntries({ asset: "IRR", types, reference: "cash" }, options);
    expect(some.entries).toEqual(entries.slice(3));
    const endTime = entries[2]!.createTime!;
    const older = await wallet.listEntries({ asset: "IRR", endTime }, options);
    expect(older.entries).toEqual(entries.slice(3));
    const newer = await wallet.listEntries({ asset: "IRR", startTime: endTime }, options);
    expect(newer.entries).toEqual(entries.slice(0, 3));
  });

  test("S7 nobody sees the statement, the file or the balance of another", async () => {
    const [mine, other] = [await join(), await join()];
    await move(
      { from: world, to: available(mine), amount: "1.00", code: 1, reference: "mine" },
      { from: world, to: available(other), amount: "7.00", code: 1, reference: "not mine" },
      { from: available(other), to: available(mine), amount: "2.00", code: 100 },
    );
    const { wallet, options } = await walletOf(wire, mine);
    const { entries } = await wallet.listEntries({ asset: "IRR" }, options);
    expect(entries.map(({ amount }) => amount?.amount)).toEqual(["2.00", "1.00"]);
    const text = await textOf(wallet.exportEntries({ asset: "IRR" }, options));
    expect(text).toContain(",mine\r\n");
    expect(text).not.toContain("not mine");
    expect(text.split("\r\n")).toHaveLength(4);
    const theirs = await walletOf(wire, other);
    const { nextPageToken: pageToken } = await theirs.wallet.listEntries(
      { asset: "IRR", pageSize: 1 },
      theirs.options,
    );
    const stolen = wallet.listEntries({ asset: "IRR", pageToken }, options);
    expect(reasonOf(await failureOf(stolen))).toBe("INVALID_PAGE_TOKEN");
  });

  test("EXT-6 a statement is written as a file, of CSV or of JSON, within bounds of time", async () => {
    const userId = await join();
    await move(
      { from: world, to: available(userId), amount: "1.00", code: 1, reference: "=1+1" },
      { from: world, to: available(userId), amount: "2.00", code: 23 },
    );
    const { wallet, options } = await walletOf(wire, userId);
    const csv = await textOf(wallet.exportEntries({ asset: "IRR", format: Format.CSV }, options));
    const cells = csv.split("\r\n").map((line) => line.split(",").slice(2));
    expect(cells).toEqual([
      "type,side,asset,amount,available_after,held_after,total_after,reference".split(","),
      "CHARGE,CREDIT,IRR,1.00,1.00,0.00,1.00,'=1+1".split(","),
      "DEPOSIT,CREDIT,IRR,2.00,3.00,0.00,3.00,".split(","),
      [],
    ]);
    const { entries } = await wallet.listEntries({ asset: "IRR", pageSize: 1 }, options);
    const startTime = entries[0]!.createTime!;
    const file = { asset: "IRR", format: Format.JSON, startTime };
    const json = await textOf(wallet.exportEntries(file, options));
    expect(JSON.parse(json)).toMatchObject({ id: entries[0]!.id, type: "DEPOSIT", reference: "" });
    const unknown = textOf(wallet.exportEntries({ asset: "XAU" }, options));
    expect(reasonOf(await failureOf(unknown))).toBe("UNKNOWN_ASSET");
  });

  test("whoever stops reading a file leaves nothing behind", async () => {
    const userId = await join();
    await move({ from: world, to: available(userId), amount: "1.00", code: 1 });
    const { wallet, options } = await walletOf(wire, userId);
    const reader = new AbortController();
    const { signal } = reader;
    const pieces = wallet.exportEntries({ asset: "IRR" }, { ...options, signal });
    for await (const { piece } of pieces) {
      expect(Buffer.from(piece).toString()).toMatch(/^id,/);
      break;
    }
    reader.abort();
    expect(await textOf(wallet.exportEntries({ asset: "IRR" }, options))).toContain("CHARGE");
  });
});

test("EXT-4 EXT-5 services read an account with its holds, and what it had at a moment", async () => {
  const userId = await join();
  const accountId = available(userId);
  await move({ from: world, to: accountId, amount: "9.00", code: 1 });
  const [first] = (await ledger.listAccountTransfers({ accountId })).transfers;
  const hold = { from: accountId, to: world, amount: "4.00", code: 12, flags: 2 };
  const [pending] = await move(hold);
  const { account, asOfSeq, ...open } = await ledger.getAccount({ accountId });
  expect(account).toMatchObject({ debitsPending: "4.00", creditsPosted: "9.00", version: 2n });
  expect(open).toMatchObject({
    openPendingCount: 1n,
    openPendings: [{ id: Buffer.from(pending!.id), seq: asOfSeq, resolvedBy: 0, debitVersion: 2n }],
  });
  const then = { case: "seq", value: first!.seq } as const;
  const before = await ledger.getBalanceAt({ accountId, moment: then });
  expect(before).toMatchObject({
    balances: { debitsPending: "0.00", creditsPosted: "9.00", version: 1n },
    asOfSeq: first!.seq,
  });
  const time = { case: "time", value: first!.createTime! } as const;
  expect(await ledger.getBalanceAt({ accountId, moment: time })).toEqual(before);
  const early = { case: "time", value: timestampFromMs(1000) } as const;
  const refusal = await failureOf(ledger.getBalanceAt({ accountId, moment: early }));
  expect(reasonOf(refusal)).toBe("BEFORE_ACCOUNT");
  const late = { case: "seq", value: asOfSeq + 1000n } as const;
  const future = await failureOf(ledger.getBalanceAt({ accountId, moment: late }));
  expect(reasonOf(future)).toBe("IN_THE_FUTURE");
});

test("EXT-6 services find transfers by what groups them and by their references", async () => {
  const userId = await join();
  const reference = `of ${userId}`;
  const [made] = await move(
    { from: world, to: available(userId), amount: "1.00", code: 1, reference },
    { from: world, to: available(userId), amount: "2.00", code: 23 },
  );
  const all = (await ledger.searchTransfers({ accountId: available(userId) })).transfers;
  expect(all.map(({ code }) => code)).toEqual([23, 1]);
  const one = all.slice(1);
  expect(one).toMatchObject([
    { reference, creditVersion: 1n, userData: Buffer.from(made!.userData) },
  ]);
  expect((await ledger.searchTransfers({ reference })).transfers).toEqual(one);
  expect((await ledger.searchTransfers({ userData: made!.userData })).transfers).toEqual(one);
  const both = { accountId: available(userId), code: 1, endTime: all[0]!.createTime! };
  expect((await ledger.searchTransfers(both)).transfers).toEqual(one);
  expect((await ledger.searchTransfers({ reference: `${reference}\0` })).transfers).toEqual(one);
  const refusal = await failureOf(ledger.searchTransfers({ code: 1 }));
  expect(reasonOf(refusal)).toBe("SEARCH_KEY_REQUIRED");
});

test("TRF-7 a copy is answered with the very same answer", async () => {
  const userId = await join();
  const transfer = {
    id: bytesOf(hexOf(newId())),
    debitAccountId: world,
    creditAccountId: available(userId),
    asset: "IRR",
    amount: "1.00",
    code: 1,
  };
  const request = { requestId: newId(), transfers: [transfer] };
  const first = await ledger.createTransfers(request);
  await move({ from: world, to: available(userId), amount: "5.00", code: 1 });
  const again = await ledger.createTransfers(request);
  expect(again.results).toEqual([{ ...first.results[0]!, status: TransferStatus.EXISTS }]);
  expect(first.results[0]?.creditBalances).toMatchObject({ creditsPosted: "1.00", version: 1n });
});
