import { Code, ConnectError } from "@connectrpc/connect";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { AuditService } from "#gen/mizan/billing/v1/audit_service_pb.ts";
import { CreditService } from "#gen/mizan/billing/v1/credit_service_pb.ts";
import { WalletService } from "#gen/mizan/billing/v1/wallet_service_pb.ts";
import { Entry_Side, Entry_Type } from "#gen/mizan/billing/v1/wallet_pb.ts";
import { NotificationService } from "#gen/mizan/core/v1/notification_service_pb.ts";
import { UserService } from "#gen/mizan/core/v1/user_service_pb.ts";
import { MessageService } from "#gen/mizan/sms/v1/message_service_pb.ts";
import { reasonOf } from "#mesh/errors.ts";
import { inside } from "../scripts/platform/inside.ts";
import { type Outside, outside } from "../scripts/platform/outside.ts";
import { type TemporaryStack, temporaryStack } from "../scripts/platform/temporary-stack.ts";
import { eventually } from "./processes.ts";

// A person joins and an account is charged, in real processes, over the router's HTTP with JSON and
// over gRPC with the operator's certificate.

let temporary: TemporaryStack;
const cleanup = new DisposableStack();
beforeAll(async () => {
  temporary = await temporaryStack({ say: () => undefined });
}, 300_000); // a first start may build the broker
afterAll(async () => {
  cleanup.dispose();
  await temporary[Symbol.asyncDispose]();
});

/** What is tried here on both wires. */
type Calls = Pick<Outside, "users" | "wallet" | "credit" | "audits" | "notifications" | "messages">;

/** The clients of a person on each wire; without a token those of anyone. */
const wires: Readonly<Record<string, (accessToken?: string) => Calls>> = {
  "HTTP with JSON": (accessToken) => outside(dev().origin, accessToken),
  gRPC: (accessToken) => {
    const operator = cleanup.use(inside(dev(), "operator", accessToken));
    return {
      users: operator.of(UserService),
      wallet: operator.of(WalletService),
      credit: operator.of(CreditService),
      audits: operator.of(AuditService),
      notifications: operator.of(NotificationService),
      messages: operator.of(MessageService),
    };
  },
};

describe.each(Object.entries(wires))("over %s", (wire, callsOf) => {
  const username = `ada-${wire.length}-${Date.now().toString(36)}`;
  const password = "a long enough password";
  const amount = { asset: "IRR", amount: "250000.00" };
  let ada: Calls;
  let admin: Calls;
  let userId: string;

  test("a person registers, and the same request again is the same person", async () => {
    const request = { requestId: `join-${username}`, username, password };
    const { user } = await callsOf().users.registerUser(request);
    const again = await callsOf().users.registerUser(request);
    userId = user!.id;
    expect([user!.username, again.user!.id]).toEqual([username, userId]);
  });

  test("she logs in, renews her session and sees herself", async () => {
    const { refreshToken } = await callsOf().users.login({ username, password });
    const { accessToken } = await callsOf().users.refreshSession({ refreshToken });
    ada = callsOf(accessToken);
    const { user } = await ada.users.getCurrentUser({});
    expect(user).toMatchObject({ id: userId, username });
  });

  test("a wrong password tells nothing", async () => {
    const call = callsOf().users.login({ username, password: "not that one" });
    expect(await refusal(call)).toEqual([Code.Unauthenticated, "BAD_CREDENTIALS"]);
  });

  test("an administrator charges her account, once per key", async () => {
    const { accessToken } = await callsOf().users.login(dev().admin);
    admin = callsOf(accessToken);
    const request = { requestId: `charge-${username}`, userId, amount, reference: "salary" };
    const headers: (string | null)[] = [];
    const onHeader = (header: Headers) => headers.push(header.get("idempotent-replayed"));
    const first = await admin.wallet.chargeAccount(request, { onHeader });
    const again = await admin.wallet.chargeAccount(request, { onHeader });
    expect([again, headers]).toEqual([first, [null, "true"]]);
    expect(first.balance).toMatchObject({ available: amount, total: amount });
  });

  test("the same key with another amount is refused and charges nothing", async () => {
    const other = { asset: "IRR", amount: "1.00" };
    const request = { requestId: `charge-${username}`, userId, amount: other, reference: "salary" };
    expect(await refusal(admin.wallet.chargeAccount(request))).toEqual([
      Code.AlreadyExists,
      "IDEMPOTENCY_KEY_REUSED",
    ]);
    const { balance } = await ada.wallet.getBalance({ asset: "IRR" });
    expect(balance?.total).toMatchObject(amount);
  });

  test("her statement shows the charge", async () => {
    const { entries } = await ada.wallet.listEntries({ asset: "IRR" });
    expect(entries).toMatchObject([
      { type: Entry_Type.CHARGE, side: Entry_Side.CREDIT, amount, reference: "salary" },
    ]);
  });

  test("she is told of it, by event", async () => {
    const told = async () => {
      const { notifications } = await ada.notifications.listNotifications({});
      return notifications.some(({ text }) => text.includes(amount.amount));
    };
    await expect(eventually("she is told", told, 15_000)).resolves.toBeUndefined();
  }, 20_000);

  test("nobody charges an account but an administrator", async () => {
    const request = { requestId: `theft-${username}`, userId, amount, reference: "theft" };
    expect([
      await refusal(callsOf().wallet.chargeAccount(request)),
      await refusal(ada.wallet.chargeAccount(request)),
    ]).toEqual([
      [Code.Unauthenticated, "BAD_CREDENTIALS"],
      [Code.PermissionDenied, "NOT_ALLOWED"],
    ]);
  });

  test("an amount with too many decimals writes nothing", async () => {
    const tooFine = { asset: "IRR", amount: "0.001" };
    const request = { requestId: `fine-${username}`, userId, amount: tooFine, reference: "" };
    expect(await refusal(admin.wallet.chargeAccount(request))).toEqual([
      Code.InvalidArgument,
      "INVALID_AMOUNT",
    ]);
    const { entries } = await ada.wallet.listEntries({ asset: "IRR" });
    expect(entries).toHaveLength(1);
  });
});

test.each([
  ["a refusal that is kept under its key", { username: "admin" }, "USERNAME_TAKEN"],
  ["a field that nobody knows", { username: "misspelt", requestID: "1" }, undefined],
])("JSON shows the reason of %s", async (_, fields, reason) => {
  const url = `${dev().origin}/mizan.core.v1.UserService/RegisterUser`;
  const body = JSON.stringify({ ...fields, password: "a long enough password" });
  const headers = { "content-type": "application/json" };
  const answer = await fetch(url, { method: "POST", headers, body });
  const { code, details } = (await answer.json()) as {
    code: string;
    details: { debug?: { reason: string } }[];
  };
  expect(answer.status).toBeGreaterThanOrEqual(400);
  expect(code).toBe(reason === undefined ? "invalid_argument" : "already_exists");
  const [shown] = details.map(({ debug }) => debug?.reason);
  expect(shown).toBe(reason ?? "MALFORMED_REQUEST");
});

test("curl with JSON is all that somebody outside needs", async () => {
  const body = JSON.stringify({ username: "curl-user", password: "a long enough password" });
  const headers = { "content-type": "application/json", "idempotency-key": "curl-1" };
  const url = `${dev().origin}/mizan.core.v1.UserService/RegisterUser`;
  const answers = [];
  for (let tries = 0; tries < 2; tries++) {
    const answer = await fetch(url, { method: "POST", headers, body });
    answers.push([answer.status, answer.headers.get("idempotent-replayed"), await answer.text()]);
  }
  const text = expect.stringContaining('"username":"curl-user"') as string;
  expect(answers).toEqual([
    [200, null, text],
    [200, "true", answers[0]![2]],
  ]);
});

function dev() {
  return temporary.current().describe();
}

/** The code and the reason of a call that has to be refused. */
async function refusal(call: Promise<unknown>): Promise<[code: Code, reason: string | undefined]> {
  const error = ConnectError.from(await call.then(String, (thrown: unknown) => thrown));
  return [error.code, reasonOf(error)];
}
