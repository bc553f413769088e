import { Code, type Interceptor } from "@connectrpc/connect";
import { describe, expect, test } from "vitest";
import { type Caller, callerKey } from "../access.ts";
import { clientKey } from "../client.ts";
import { CALL_RATES } from "../limits.ts";
import type { Person } from "../person.ts";
import { failureOf, infoOf } from "../testing/failure.ts";
import { GuardedService } from "../testing/guarded-service.ts";
import { wires } from "../testing/wires.ts";
import { errors } from "./errors.ts";
import { limitRates } from "./rate.ts";

const maryam: Person = { id: "maryam", roles: ["USER"], verificationLevel: 0 };
const two = { perSecond: 1, burst: 2 };
const rates = { ...CALL_RATES, EXPRESS: { perSecond: 1, burst: 1 }, READ: two };

describe("outside", () => {
  test("RATE_LIMITED tells when to come again, in both ways", async () => {
    await using wire = await open("connect", () => ["192.0.2.1", undefined]);
    await wire.client.login({});
    const error = await failureOf(wire.client.login({}));
    expect([error.code, infoOf(error).reason]).toEqual([Code.ResourceExhausted, "RATE_LIMITED"]);
    const waitMs = Number(infoOf(error).metadata["retry_ms"]);
    expect(waitMs).toSatisfy((ms: number) => ms > 900 && ms <= 1000);
    expect(error.metadata.get("retry-after")).toBe("1");
    expect(error.metadata.get("grpc-retry-pushback-ms")).toBe(String(waitMs));
  });

  test("public methods count by the address, whoever calls", async () => {
    const from: [string, Caller][] = [
      ["192.0.2.1", undefined],
      ["192.0.2.2", person("a")],
      ["192.0.2.1", person("b")],
      ["2001:db8::1", undefined],
      ["2001:db8::2", undefined],
    ];
    await using wire = await open("connect", (call) => from[call]!);
    const codes = [];
    for (const _ of from)
      codes.push(
        await wire.client.login({}).then(
          () => "ok",
          () => "limited",
        ),
      );
    expect(codes).toEqual(["ok", "ok", "limited", "ok", "limited"]);
  });

  test("people count by who they are, wherever they come from", async () => {
    const callers = ["a", "a", "b", "a"];
    await using wire = await open("connect", (call) => [`192.0.2.${call}`, person(callers[call]!)]);
    const codes = [];
    for (const _ of callers)
      codes.push(
        await wire.client.own({}).then(
          () => "ok",
          () => "limited",
        ),
      );
    expect(codes).toEqual(["ok", "ok", "ok", "limited"]);
  });

  test("classes don't count for each other", async () => {
    await using wire = await open("connect", () => ["192.0.2.1", undefined]);
    const calls = [wire.client.login({}), wire.client.open({}), wire.client.write({})];
    await expect(Promise.all(calls)).resolves.toHaveLength(3);
  });
});

test("services inside have no rate: people's calls are counted where they come in", async () => {
  await using wire = await open("grpc", () => ["", person("a")]);
  const calls = Array.from({ length: 5 }, async () => wire.client.login({}));
  await expect(Promise.all(calls)).resolves.toHaveLength(5);
});

function person(id: string): Caller {
  return { kind: "person", person: { ...maryam, id } };
}

/** Serves all methods; each call comes from the given address and caller. */
function open(
  wire: "grpc" | "connect",
  from: (call: number) => readonly [ip: string, caller: Caller],
) {
  let calls = 0;
  const arrive: Interceptor = (next) => async (request) => {
    const [ip, caller] = from(calls++);
    request.contextValues.set(clientKey, { ip }).set(callerKey, caller);
    return next(request);
  };
  const answer = () => ({});
  return wires[wire]({
    service: GuardedService,
    implementation: { open: answer, own: answer, login: answer, write: answer },
    interceptors: [errors, arrive, limitRates(rates)],
  });
}
