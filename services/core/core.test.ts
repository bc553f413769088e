import { join } from "node:path";
import { writeFileSync } from "node:fs";
import { create, toBinary } from "@bufbuild/protobuf";
import { timestampFromMs, timestampNow } from "@bufbuild/protobuf/wkt";
import { type CallOptions, createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { afterAll, describe, expect, test } from "vitest";
import { AccountStatus } from "#gen/mizan/billing/v1/account_pb.ts";
import { TransferPostedSchema } from "#gen/mizan/billing/v1/events_pb.ts";
import { LedgerService } from "#gen/mizan/billing/v1/ledger_service_pb.ts";
import { TransferKind } from "#gen/mizan/billing/v1/transfer_pb.ts";
import { Notification_Type } from "#gen/mizan/core/v1/notification_pb.ts";
import { NotificationService } from "#gen/mizan/core/v1/notification_service_pb.ts";
import { OperationsService } from "#gen/mizan/core/v1/operations_service_pb.ts";
import { User_Role } from "#gen/mizan/core/v1/user_pb.ts";
import { UserService } from "#gen/mizan/core/v1/user_service_pb.ts";
import { readConfig } from "#mesh/config.ts";
import { reasonOf } from "#mesh/errors.ts";
import { connectBus } from "#mesh/events/bus.ts";
import { KEY_HEADER, TIME_HEADER } from "#mesh/events/headers.ts";
import { createClients } from "#mesh/grpc/clients.ts";
import { openIdentity } from "#mesh/identity.ts";
import { bytesOf, derivedId, hexFromBytes, newId } from "#mesh/ids.ts";
import { startService } from "#mesh/start-service.ts";
import { testMesh } from "#mesh/testing/mesh.ts";
import { testNats } from "#mesh/testing/nats.ts";
import { testDatabase } from "#mesh/testing/postgres.ts";
import { settings } from "./config.ts";
import { startCore } from "./start-core.ts";
import type { Tables } from "./store/tables.ts";

const stack = new AsyncDisposableStack();
const mesh = stack.use(await testMesh(["core", "billing", "operator"]));
const accounts = new Set<string>();
const billing = await mesh.serve({
  name: "billing",
  service: LedgerService,
  implementation: {
    createAccounts: (request) => {
      for (const { id } of request.accounts) accounts.add(hexFromBytes(id));
      const status = AccountStatus.CREATED;
      return { results: request.accounts.map((_, index) => ({ index, status })) };
    },
  },
});
const db = stack.use(await testDatabase<Tables>());
const nats = stack.use(await testNats());
const bus = stack.use(await connectBus({ url: nats.url, name: "billing", log: mesh.log }));
const admin = { username: "admin", password: "a long way to go 7" };
const adminFile = join(mesh.folder, "admin.json");
writeFileSync(adminFile, JSON.stringify(admin), { mode: 0o600 });
const environment = {
  MIZAN_PROFILE: "test",
  MIZAN_CERTS: mesh.folder,
  MIZAN_ADMIN_FILE: adminFile,
  MIZAN_PEERS: `billing=127.0.0.1:${billing.port},settlement=127.0.0.1:1`,
  MIZAN_DRAIN_WAIT_MS: "0",
  DATABASE_URL: db.url,
  NATS_URL: nats.url,
  GRPC_PORT: "0",
  HTTP_PORT: "0",
  ADMIN_PORT: "0",
};
const migrations = new URL("store/migrations/", import.meta.url);
const core = stack.use(
  await startService(
    { name: "core", migrations, settings, start: startCore },
    { config: readConfig(environment, settings), log: mesh.log, stop: expect.unreachable },
  ),
);
afterAll(async () => stack.disposeAsync());

const outside = createConnectTransport({
  baseUrl: `http://127.0.0.1:${core.httpPort}`,
  httpVersion: "1.1",
});
const inside = stack.use(
  createClients({
    identity: stack.use(openIdentity({ folder: mesh.folder, service: "operator", log: mesh.log })),
    signer: mesh.signer("operator"),
    peers: { core: `127.0.0.1:${core.grpcPort}` },
  }),
);

const wires = [
  [
    "Connect",
    {
      users: createClient(UserService, outside),
      notifications: createClient(NotificationService, outside),
      operations: createClient(OperationsService, outside),
    },
  ],
  [
    "gRPC",
    {
      users: inside.of(UserService),
      notifications: inside.of(NotificationService),
      operations: inside.of(OperationsService),
    },
  ],
] as const;

const waiting = { timeout: 15_000 };
const password = "blue tea pot 7";
let people = 0;

function newcomer() {
  people += 1;
  const username = `person-${people}`;
  return { requestId: newId(), username, email: `${username}@example.com`, password };
}

function as(accessToken: string): CallOptions {
  return { headers: { authorization: `Bearer ${accessToken}` } };
}

describe.each(wires)("core over %s", (_, { users, notifications, operations }) => {
  test("a person joins, logs in, sees themselves and renews the session", async () => {
    const request = newcomer();
    const { user } = await users.registerUser(request);
    expect(accounts).toContain(derivedId(`account/user/${user!.id}/available/IRR`));
    const session = await users.login({ username: request.email, password });
    expect(session.user).toEqual(user);
    const shown = await users.getCurrentUser({}, as(session.accessToken));
    expect(shown.user).toEqual(user);
    const renewed = await users.refreshSession({ refreshToken: session.refreshToken });
    expect((await users.getCurrentUser({}, as(renewed.accessToken))).user).toEqual(user);
  });

  test("A3 a retry with the same key joins once and says that it is a retry", async () => {
    const request = newcomer();
    const first = await users.registerUser(request);
    let replayed: string | null = null;
    const onHeader = (header: Headers) => void (replayed = header.get("idempotent-replayed"));
    expect(await users.registerUser(request, { onHeader })).toEqual(first);
    expect(replayed).toBe("true");
    const other = users.registerUser({ ...request, password: "green tea pot 7" });
    expect(await reason(other)).toBe("IDEMPOTENCY_KEY_REUSED");
  });

  test.each([
    ["USERNAME_TAKEN", { username: "ADMIN" }],
    ["WEAK_PASSWORD", { password: "password1" }],
    ["VALIDATION_FAILED", { username: "a b" }],
  ])("a registration can be refused with %s", async (expected, change) => {
    expect(await reason(users.registerUser({ ...newcomer(), ...change }))).toBe(expected);
  });

  test("a wrong password, a wrong token and no token are refused", async () => {
    expect(await reason(users.login({ username: "admin", password }))).toBe("BAD_CREDENTIALS");
    expect(await reason(users.refreshSession({ refreshToken: "x" }))).toBe("BAD_CREDENTIALS");
    expect(await reason(users.getCurrentUser({}))).toBe("BAD_CREDENTIALS");
    expect(await reason(users.getCurrentUser({}, as("x")))).toBe("BAD_CREDENTIALS");
  });

  test("the first administrator is there", async () => {
    const { user } = await users.login(admin);
    expect(user).toMatchObject({ username: "admin", roles: [User_Role.ADMIN] });
  });

  test("an administrator makes another one, and takes the role away again", async () => {
    const { accessToken } = await users.login(admin);
    const request = newcomer();
    const { user } = await users.registerUser(request);
    const [{ USER, ADMIN }, userId] = [User_Role, user!.id];
    const promotion = { requestId: newId(), userId, roles: [USER, ADMIN] };
    const first = await users.setUserRoles(promotion, as(accessToken));
    expect(first.user).toEqual({ ...user, roles: [USER, ADMIN] });
    expect(await users.setUserRoles(promotion, as(accessToken))).toEqual(first);
    const second = await users.login({ username: request.username, password });
    await operations.listDeadLetters({}, as(second.accessToken));
    const demotion = { requestId: newId(), userId, roles: [USER] };
    await users.setUserRoles(demotion, as(accessToken));
    expect(await reason(users.refreshSession({ refreshToken: second.refreshToken }))).toBe(
      "BAD_CREDENTIALS",
    );
  });

  test.each([
    ["LAST_ADMIN", { roles: [User_Role.USER] }],
    ["USER_NOT_FOUND", { userId: newId() }],
    ["VALIDATION_FAILED", { roles: [] }],
    ["VALIDATION_FAILED", { roles: [User_Role.UNSPECIFIED] }],
    ["VALIDATION_FAILED", { roles: [User_Role.ADMIN, User_Role.ADMIN] }],
  ])("roles can be refused with %s for %j", async (expected, change) => {
    const { accessToken, user } = await users.login(admin);
    const request = { requestId: newId(), userId: user!.id, roles: [User_Role.ADMIN], ...change };
    expect(await reason(users.setUserRoles(request, as(accessToken)))).toBe(expected);
  });

  test("S8 a user makes nobody an administrator", async () => {
    const request = newcomer();
    const { user } = await users.registerUser(request);
    const { accessToken } = await users.login({ username: request.username, password });
    const wanted = { requestId: newId(), userId: user!.id, roles: [User_Role.ADMIN] };
    expect(await reason(users.setUserRoles(wanted, as(accessToken)))).toBe("NOT_ALLOWED");
  });

  test("a user is told of joining and of money, once each", async () => {
    const request = newcomer();
    const { user } = await users.registerUser(request);
    const { accessToken } = await users.login({ username: request.username, password });
    const charged = chargeOf(user!.id);
    await publish(charged);
    await publish(charged); // the broker may deliver an event twice
    const told = async () => {
      const page = await notifications.listNotifications({}, as(accessToken));
      return page.notifications.map(({ type }) => type).toSorted((a, b) => a - b);
    };
    const { WELCOME, ACCOUNT_CHARGED } = Notification_Type;
    await expect.poll(told, waiting).toEqual([WELCOME, ACCOUNT_CHARGED]);
  });

  test("an administrator sees events that can't be read, and hands them over again", async () => {
    const { accessToken } = await users.login(admin);
    const id = await publish(new TextEncoder().encode("no event at all"));
    const find = async () => {
      const { deadLetters } = await operations.listDeadLetters({}, as(accessToken));
      return deadLetters.find(({ eventId }) => eventId === id);
    };
    await expect.poll(find, waiting).toMatchObject({ consumer: "wallet-events", attempts: 1 });
    const request = { requestId: newId(), deadLetterIds: [(await find())!.id] };
    const first = await operations.requeueDeadLetters(request, as(accessToken));
    expect(first.requeuedCount).toBe(1);
    expect(await operations.requeueDeadLetters(request, as(accessToken))).toEqual(first);
  });

  test("an administrator has events published again; users are told once all the same", async () => {
    const { accessToken } = await users.login(admin);
    const request = { requestId: newId(), startTime: timestampFromMs(0) };
    const first = await operations.republishEvents(request, as(accessToken));
    expect(first.eventCount).toBeGreaterThan(0n);
    expect(await operations.republishEvents(request, as(accessToken))).toEqual(first);
  });

  test.each([-62_135_596_800n, 253_402_300_799n])(
    "any time can be asked for, such as %d seconds from 1970",
    async (seconds) => {
      const { accessToken } = await users.login(admin);
      const request = { requestId: newId(), startTime: { seconds, nanos: 0 } };
      await expect(operations.republishEvents(request, as(accessToken))).resolves.toBeDefined();
    },
  );

  test("S8 a user may not look after events", async () => {
    const request = newcomer();
    await users.registerUser(request);
    const { accessToken } = await users.login({ username: request.username, password });
    expect(await reason(operations.listDeadLetters({}, as(accessToken)))).toBe("NOT_ALLOWED");
  });
});

test("S12 neither passwords nor tokens reach the log", async () => {
  const [, { users }] = wires[0];
  const { refreshToken, accessToken } = await users.login(admin);
  await reason(users.login({ ...admin, password: "a secret guess 5" }));
  await reason(users.refreshSession({ refreshToken: `${refreshToken}x` }));
  const lines = JSON.stringify(mesh.log.records);
  for (const secret of [password, admin.password, "secret guess", refreshToken, accessToken]) {
    expect(lines).not.toContain(secret);
  }
});

/** The event of a user who was charged. */
function chargeOf(ownerId: string): Uint8Array {
  const transfer = {
    id: bytesOf(derivedId(newId())),
    kind: TransferKind.SINGLE,
    code: 1,
    amount: { asset: "IRR", amount: "500.00" },
    debit: { code: 700 },
    credit: { code: 100, ownerId },
    eventTime: timestampNow(),
  };
  const event = create(TransferPostedSchema, { transfers: [transfer] });
  return toBinary(TransferPostedSchema, event);
}

/** Publishes as billing would; returns the id of the event. */
async function publish(payload: Uint8Array): Promise<string> {
  const [stream, id] = ["MIZAN_BILLING", newId()];
  await bus.ensureStream({ name: stream, subjects: ["mizan.billing.v1.>"] });
  const { streamSeq } = await bus.publish({
    stream,
    id,
    payload,
    subject: "mizan.billing.v1.TransferPosted.0",
    headers: { [TIME_HEADER]: String(Date.now()), [KEY_HEADER]: "0" },
    afterStreamSeq: lastStreamSeq,
  });
  lastStreamSeq = streamSeq;
  return id;
}

let lastStreamSeq = 0;

async function reason(call: Promise<unknown>): Promise<string | undefined> {
  return call.then(() => undefined, reasonOf);
}
