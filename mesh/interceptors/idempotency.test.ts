import { create } from "@bufbuild/protobuf";
import { Code, type Interceptor } from "@connectrpc/connect";
import { describe, expect, test } from "vitest";
import { type Caller, callerKey } from "../access.ts";
import { reasons } from "../errors.ts";
import { callKey, type IdempotentCall } from "../idempotent-call.ts";
import { failureOf, infoOf } from "../testing/failure.ts";
import { GuardedService, NoteSchema } from "../testing/guarded-service.ts";
import { wires } from "../testing/wires.ts";
import { errors } from "./errors.ts";
import { idempotency } from "./idempotency.ts";

type Seen = { requestId: string; call: IdempotentCall | undefined };

const { grpc, connect } = wires;
const maryam = { id: "maryam", roles: ["USER" as const], verificationLevel: 0 };
const fail = reasons("billing", { POOR: [Code.FailedPrecondition, "poor"] });

describe.each(Object.entries({ grpc, connect }))("over %s", (_name, openWire) => {
  test("the field request_id is the key, of this caller and this method", async () => {
    await using wire = await open(openWire, { kind: "person", person: maryam });
    await wire.client.write({ requestId: "key-1", text: "hello" });
    expect(wire.seen).toMatchObject([
      {
        requestId: "key-1",
        call: {
          principal: "maryam",
          method: "mizan.testing.v1.GuardedService/Write",
          key: "key-1",
          replayed: false,
        },
      },
    ]);
    expect(wire.seen[0]!.call!.hash).toHaveLength(32);
  });

  test("the header Idempotency-Key is the key too, and must be the same as the field", async () => {
    await using wire = await open(openWire);
    const headers = { "Idempotency-Key": "key-2" };
    await wire.client.write({}, { headers });
    await wire.client.write({ requestId: "key-2" }, { headers });
    expect(wire.seen.map(({ requestId, call }) => [requestId, call!.key])).toEqual([
      ["key-2", "key-2"],
      ["key-2", "key-2"],
    ]);
    const error = await failureOf(wire.client.write({ requestId: "key-3" }, { headers }));
    expect([error.code, infoOf(error).reason]).toEqual([
      Code.InvalidArgument,
      "IDEMPOTENCY_KEY_MISMATCH",
    ]);
    expect(wire.seen).toHaveLength(2);
  });

  test.each([["x".repeat(256)], ["a key"], ["café"]])("the key %j is refused", async (key) => {
    await using wire = await open(openWire);
    const call = wire.client.write({}, { headers: { "idempotency-key": key } });
    const error = await call.then(
      () => undefined,
      (reason: Error) => reason,
    );
    expect(error).toBeDefined();
    expect(wire.seen).toEqual([]);
  });

  test("the longest key is taken", async () => {
    await using wire = await open(openWire);
    await wire.client.write({}, { headers: { "idempotency-key": "~".repeat(255) } });
    expect(wire.seen[0]!.requestId).toHaveLength(255);
  });

  test("a stored answer says so in its header, a stored refusal too", async () => {
    await using wire = await open(openWire);
    const found: (string | null)[] = [];
    const onHeader = (header: Headers) => void found.push(header.get("idempotent-replayed"));
    await wire.client.write({ requestId: "first" }, { onHeader });
    await wire.client.write({ requestId: "again" }, { onHeader });
    expect(found).toEqual([null, "true"]);
    const refused = await failureOf(wire.client.write({ requestId: "refused again" }));
    expect(infoOf(refused).reason).toBe("POOR");
    expect(refused.metadata.get("idempotent-replayed")).toBe("true");
  });

  test("a method whose items have ids of their own has a key, but nothing to store", async () => {
    await using wire = await open(openWire);
    await wire.client.writeItems({ requestId: "key-4" });
    expect(wire.seen).toEqual([{ requestId: "key-4", call: undefined }]);
  });

  test("a read, and what must never be repeated, have no key", async () => {
    await using wire = await open(openWire);
    const headers = { "idempotency-key": "key-5" };
    await wire.client.open({}, { headers });
    await wire.client.login({}, { headers });
    expect(wire.seen).toEqual([
      { requestId: "", call: undefined },
      { requestId: "", call: undefined },
    ]);
  });

  test("A3 the hash tells bodies apart, but not by their key or the order of a map", async () => {
    await using wire = await open(openWire);
    const bodies = [
      { requestId: "1", text: "a", marks: { x: "1", y: "2" } },
      { requestId: "2", text: "a", marks: { y: "2", x: "1" } },
      { requestId: "3", text: "b", marks: { x: "1", y: "2" } },
      { requestId: "4", text: "a", marks: { x: "1" } },
    ];
    for (const body of bodies) await wire.client.write(body);
    const hashes = wire.seen.map(({ call }) => Buffer.from(call!.hash).toString("hex"));
    expect(hashes[1]).toBe(hashes[0]);
    expect(new Set(hashes).size).toBe(3);
  });
});

test("outside, a call without a key gets one of its own", async () => {
  await using wire = await open(connect);
  await wire.client.write({});
  await wire.client.writeItems({});
  const [one, other] = wire.seen.map(({ requestId }) => requestId);
  expect(one).toMatch(/^[0-9a-f-]{36}$/);
  expect(other).not.toBe(one);
});

test("outside, a call is refused that lacks the key which its method needs", async () => {
  await using wire = await open(connect);
  const error = await failureOf(wire.client.writeKeyed({}));
  expect([error.code, infoOf(error).reason]).toEqual([
    Code.InvalidArgument,
    "IDEMPOTENCY_KEY_REQUIRED",
  ]);
  await wire.client.writeKeyed({ requestId: "mine" });
  await wire.client.writeKeyed({}, { headers: { "idempotency-key": "mine-too" } });
  expect(wire.seen.map(({ requestId }) => requestId)).toEqual(["mine", "mine-too"]);
});

test("inside, a call without a key is refused", async () => {
  await using wire = await open(grpc);
  for (const call of [wire.client.write({}), wire.client.writeItems({})]) {
    const error = await failureOf(call);
    expect([error.code, infoOf(error).reason]).toEqual([
      Code.InvalidArgument,
      "REQUEST_ID_REQUIRED",
    ]);
  }
  expect(wire.seen).toEqual([]);
});

/** Serves all methods; a key that ends in "again" is taken for one that was used before. */
async function open(openWire: typeof grpc | typeof connect, caller?: Caller) {
  const seen: Seen[] = [];
  const handler = (
    request: { requestId: string },
    { values }: { values: { get: (key: typeof callKey) => IdempotentCall | undefined } },
  ) => {
    const call = values.get(callKey);
    seen.push({ requestId: request.requestId, call });
    if (call !== undefined && request.requestId.endsWith("again")) call.replayed = true;
    if (request.requestId.startsWith("refused")) throw fail("POOR");
    return create(NoteSchema);
  };
  const signIn: Interceptor = (next) => async (request) => {
    request.contextValues.set(callerKey, caller);
    return next(request);
  };
  const wire = await openWire({
    service: GuardedService,
    implementation: {
      open: handler,
      login: handler,
      write: handler,
      writeItems: handler,
      writeKeyed: handler,
    },
    interceptors: [errors, signIn, idempotency],
  });
  return { ...wire, seen };
}
