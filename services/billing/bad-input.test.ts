import { strict as assert } from "node:assert";
import { fromBinary } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ErrorInfoSchema } from "#gen/mizan/error/v1/error_pb.ts";
import { Hold_Purpose } from "#gen/mizan/billing/v1/hold_pb.ts";
import { HoldService } from "#gen/mizan/billing/v1/hold_service_pb.ts";
import { LedgerService } from "#gen/mizan/billing/v1/ledger_service_pb.ts";
import { type TransferStatus, TransferStatusSchema } from "#gen/mizan/billing/v1/transfer_pb.ts";
import { WalletService } from "#gen/mizan/billing/v1/wallet_service_pb.ts";
import { reasonOf } from "#mesh/errors.ts";
import { bytesOf, derivedId, hexOf, newId } from "#mesh/ids.ts";
import { fromMinor, MAX_AMOUNT } from "#mesh/money.ts";
import { serveBilling } from "./testing/serve-billing.ts";

// What nobody should send, over each wire on which it can be sent, and what docs/ledger.md says is
// the answer to it. It is never INTERNAL. Transfers and holds are for services, over gRPC alone.

let served: Awaited<ReturnType<typeof serveBilling>>;
const stack = new AsyncDisposableStack();
const [admin, userId, other, closed] = [newId(), newId(), newId(), newId()];
const idOf = (path: string) => bytesOf(derivedId(`account/${path}`));
const available = (owner: string) => idOf(`user/${owner}/available/IRR`);
const irr = { asset: "IRR", amount: "1.00" };

/** The world outside has paid out all that its account can count in IRR. */
beforeAll(async () => {
  served = stack.use(await serveBilling());
  const ledger = served.inside("core").of(LedgerService);
  const accounts = [userId, other, closed].map((owner) => {
    const userData = bytesOf(hexOf(owner));
    return { id: available(owner), asset: "IRR", code: 100, flags: 2, userData };
  });
  await ledger.createAccounts({ requestId: newId(), accounts });
  const shut = { debitAccountId: available(closed), creditAccountId: available(other), flags: 66 };
  const most = { creditAccountId: available(other), amount: fromMinor(MAX_AMOUNT, 2) };
  assert.equal(await transfer({ ...shut, amount: "" }), "created");
  assert.equal(await transfer(most), "created");
});
afterAll(async () => stack.disposeAsync());

/** The code and the reason of a call that was refused, or the answer. */
async function outcomeOf(call: Promise<string>): Promise<string> {
  try {
    return await call;
  } catch (error) {
    return `${Code[ConnectError.from(error).code]} ${reasonOf(error)}`;
  }
}

/** What becomes of a transfer from the world to a user, by its name in the domain. */
async function transfer(more: object): Promise<string> {
  const { createTransfers } = served.inside("core").of(LedgerService);
  const sides = { debitAccountId: idOf("world/IRR"), creditAccountId: available(userId) };
  const whole = { id: bytesOf(hexOf(newId())), ...sides, ...irr, code: 100, ...more };
  const call = createTransfers({ requestId: newId(), transfers: [whole] });
  return outcomeOf(call.then(({ results }) => nameOf(results[0]!.status)));
}

function nameOf(status: TransferStatus): string {
  return TransferStatusSchema.value[status]!.localName.toLowerCase();
}

type Money = { readonly asset?: string; readonly amount?: string };

/** The same charge over both wires; inside the mesh the operator calls what people may call. */
const charges = {
  "Connect JSON": async (money: Money, owner = userId) => {
    const { chargeAccount } = await served.outside(WalletService, admin, "ADMIN");
    const request = { requestId: newId(), userId: owner, amount: { ...irr, ...money } };
    return outcomeOf(chargeAccount(request).then(() => "charged"));
  },
  gRPC: async (money: Money, owner = userId) => {
    const { chargeAccount } = served.inside("operator").of(WalletService);
    const headers = { authorization: `Bearer ${await served.tokenOf(admin, "ADMIN")}` };
    const request = { requestId: newId(), userId: owner, amount: { ...irr, ...money } };
    return outcomeOf(chargeAccount(request, { headers }).then(() => "charged"));
  },
};
const wires = Object.entries(charges);

async function hold(money: Money, ownerId = userId): Promise<string> {
  const { createHolds } = served.inside("sms").of(HoldService);
  const amount = { ...irr, ...money };
  const holds = [{ holdId: newId(), ownerId, purpose: Hold_Purpose.SMS, amount }];
  const call = createHolds({ requestId: newId(), holds });
  return outcomeOf(call.then(({ results }) => results[0]!.error?.reason ?? "held"));
}

const broken = "InvalidArgument VALIDATION_FAILED";
const invalid = "InvalidArgument INVALID_AMOUNT";
const tooLarge = "InvalidArgument AMOUNT_TOO_LARGE";
const unknown = "InvalidArgument UNKNOWN_ASSET";
const refused = "FailedPrecondition LEDGER_REFUSED";
const elsewhere = "transfer_must_have_the_same_ledger_as_accounts";
const full = "overflows_debits_posted";
const poor = "INSUFFICIENT_FUNDS";

/** What is wrong, and the answers to a charge, to a transfer and to a hold of it. */
const rows = [
  ["nothing wrong", { asset: "USDT" }, "charged", elsewhere, "ASSET_NOT_ACCEPTED"],
  ["a negative amount", { amount: "-1.00" }, broken, broken, broken],
  ["an amount with a plus", { amount: "+1.00" }, broken, broken, broken],
  ["zero", { amount: "0.00" }, invalid, "created", "INVALID_AMOUNT"],
  ["a decimal too many", { amount: "1.001" }, invalid, invalid, "INVALID_AMOUNT"],
  ["a zero too many", { amount: "1.000" }, invalid, invalid, "INVALID_AMOUNT"],
  ["nineteen decimals", { amount: `1.${"0".repeat(19)}` }, broken, broken, broken],
  ["forty digits", { amount: "1".repeat(40) }, broken, broken, broken],
  ["a sum past 2^128", { amount: "9".repeat(39) }, tooLarge, tooLarge, "AMOUNT_TOO_LARGE"],
  ["a counter that overflows", { amount: "0.01" }, refused, full, poor],
  ["a slip of the finger", { amount: "1000000000000.01" }, tooLarge, full, poor],
  ["an exponent", { amount: "1e5" }, broken, broken, broken],
  ["a capital exponent", { amount: "1E5" }, broken, broken, broken],
  ["NaN", { amount: "NaN" }, broken, broken, broken],
  ["Infinity", { amount: "Infinity" }, broken, broken, broken],
  ["a space before", { amount: " 1.00" }, broken, broken, broken],
  ["a space behind", { amount: "1.00 " }, broken, broken, broken],
  ["a line feed behind", { amount: "1.00\n" }, broken, broken, broken],
  ["a space within", { amount: "1 000.00" }, broken, broken, broken],
  ["groups of digits", { amount: "1,000.00" }, broken, broken, broken],
  ["Persian digits", { amount: "۱۲" }, broken, broken, broken],
  ["a leading zero", { amount: "01.00" }, broken, broken, broken],
  ["no digit before the point", { amount: ".50" }, broken, broken, broken],
  ["no digit behind the point", { amount: "1." }, broken, broken, broken],
  ["hexadecimal digits", { amount: "0x10" }, broken, broken, broken],
  ["no amount", { amount: "" }, broken, "created", broken],
  ["an unknown asset", { asset: "XYZ" }, unknown, elsewhere, "ASSET_NOT_ACCEPTED"],
  ["an asset in small letters", { asset: "irr" }, broken, broken, broken],
  ["no asset", { asset: "" }, broken, "ledger_must_not_be_zero", broken],
] as const;
const table = rows.map(([what, money, charged, made, held]) => {
  return { what, money, charged, made, held };
});

describe.each(wires)("over %s", (_wire, charge) => {
  test.each(table)("a charge: $what", async ({ money, charged }) => {
    expect(await charge(money)).toBe(charged);
  });

  test("a charge of nobody, of an account that is closed, of an id that is none", async () => {
    const answers = [await charge(irr, newId()), await charge(irr, closed), await charge(irr, "7")];
    expect(answers).toEqual(["NotFound USER_NOT_FOUND", refused, broken]);
  });
});

test.each(table)("a transfer: $what", async ({ money, made }) => {
  expect(await transfer(money)).toBe(made);
});

test.each(table)("a hold: $what", async ({ money, held }) => {
  expect(await hold(money)).toBe(held);
});

test("a hold of nobody, and one of an account that is closed", async () => {
  expect([await hold(irr, newId()), await hold(irr, closed)]).toEqual([
    "OWNER_NOT_FOUND",
    "LEDGER_REFUSED",
  ]);
});

const bytes = (length: number, value: number) => new Uint8Array(length).fill(value);

const transfers = [
  ["to itself", { creditAccountId: idOf("world/IRR") }, "accounts_must_be_different"],
  ["from a closed account", { debitAccountId: available(closed) }, "debit_account_already_closed"],
  ["to a closed account", { creditAccountId: available(closed) }, "credit_account_already_closed"],
  ["to nobody", { creditAccountId: bytes(16, 1) }, "credit_account_not_found"],
  ["to no account", { creditAccountId: bytes(0, 0) }, "credit_account_id_must_not_be_zero"],
  ["to the last id", { creditAccountId: bytes(16, 255) }, "credit_account_id_must_not_be_max"],
  ["to an id of 5 bytes", { creditAccountId: bytes(5, 1) }, "InvalidArgument INVALID_ID"],
  ["with an id of 17 bytes", { id: bytes(17, 1) }, broken],
  ["with the id zero", { id: bytes(16, 0) }, "id_must_not_be_zero"],
  ["of all and of an amount", { all: true }, invalid],
  ["with an unknown flag", { flags: 256 }, "reserved_flag"],
  ["with flags below zero", { flags: -1 }, broken],
  ["with a code below zero", { code: -1 }, broken],
  ["without a code", { code: 0 }, "code_must_not_be_zero"],
  ["with a timeout below zero", { flags: 2, timeoutSeconds: -1 }, broken],
  ["that is posted and pending", { flags: 6 }, "flags_are_mutually_exclusive"],
  ["that closes at once", { flags: 64 }, "closing_transfer_must_be_pending"],
  ["with a version below zero", { expectedDebitVersion: -1n }, broken],
  ["with a condition of nothing", { conditions: [{}] }, broken],
  [
    "with a bound of too many decimals",
    { conditions: [{ side: 1, field: 1, operator: 1, amount: "-0.001" }] },
    invalid,
  ],
  [
    "with a bound that is none",
    { conditions: [{ side: 1, field: 1, operator: 1, amount: "--1" }] },
    broken,
  ],
  ["with a reference that is too long", { reference: "x".repeat(141) }, broken],
  ["with a zero byte in its reference", { reference: "\0", amount: "" }, "created"],
] as const;

test.each(transfers)("a transfer %s", async (_what, more, answer) => {
  expect(await transfer(more)).toBe(answer);
});

/** Bodies that only somebody who writes JSON by hand can send. */
const bodies = [
  ["an amount that is a number", `{"amount": {"asset": "IRR", "amount": 1.5}}`],
  ["an amount that is NaN", `{"amount": {"asset": "IRR", "amount": NaN}}`],
  ["an amount that is a list", `{"amount": {"asset": "IRR", "amount": ["1"]}}`],
  ["money that is a text", `{"amount": "1.00"}`],
  ["money that is null", `{"amount": null}`],
  ["a field that is not known", `{"amount": {"asset": "IRR", "amount": "1", "scale": 2}}`],
  ["half a surrogate pair", `{"amount": {"asset": "IRR", "amount": "\\ud800"}}`],
  ["a zero byte", `{"amount": {"asset": "IRR", "amount": "1\\u0000"}}`],
  ["a body that is no JSON", `amount=1`],
  ["a body that ends early", `{"amount": {`],
  ["a body that is a list", `[]`],
  ["an empty body", ``],
] as const;

test.each(bodies)("over Connect JSON a charge with %s", async (_what, body) => {
  const ids = `{"requestId": "${newId()}", "userId": "${userId}",`;
  const { status, code, reason } = await post(
    "WalletService/ChargeAccount",
    body.replace("{", ids),
  );
  expect([status, code]).toEqual([400, "invalid_argument"]);
  expect(reason).toMatch(/^(VALIDATION_FAILED|MALFORMED_REQUEST|undefined)$/);
});

test("over Connect JSON there are no transfers, and no holds", async () => {
  for (const method of ["LedgerService/CreateTransfers", "HoldService/CreateHolds"]) {
    const { status, code } = await post(method, "{}");
    expect([method, status, code]).toEqual([method, 403, "permission_denied"]);
  }
});

async function post(method: string, body: string) {
  const authorization = `Bearer ${await served.tokenOf(admin, "ADMIN")}`;
  const headers = { authorization, "content-type": "application/json" };
  const url = `${served.http}/mizan.billing.v1.${method}`;
  const answer = await fetch(url, { method: "POST", headers, body });
  const error = (await answer.json()) as { code: string; details?: { value: string }[] };
  const [info] = error.details ?? [];
  const reason = info && fromBinary(ErrorInfoSchema, Buffer.from(info.value, "base64")).reason;
  return { status: answer.status, code: error.code, reason: String(reason) };
}

test("nothing of all this has made an error in the log", () => {
  const errors = served.log.records.filter(({ level }) => level === "error");
  expect(errors).toEqual([]);
});
