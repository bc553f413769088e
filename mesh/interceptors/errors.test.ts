import { Code, ConnectError, type ServiceImpl } from "@connectrpc/connect";
import { describe, expect, test } from "vitest";
import { reasons } from "../errors.ts";
import { failureOf, infoOf } from "../testing/failure.ts";
import { testLog } from "../testing/log.ts";
import { WireService } from "../testing/wire-service.ts";
import { wires } from "../testing/wires.ts";
import { errors } from "./errors.ts";
import { logCalls } from "./log.ts";
import { trace } from "./trace.ts";

const fail = reasons("billing", { POOR: [Code.FailedPrecondition, "There is but {amount}."] });
const ends = new Set([Code.Canceled, Code.DeadlineExceeded]);
const { grpc, connect } = wires;

describe.each(Object.entries({ grpc, connect }))("%s", (_name, openWire) => {
  const open = (implementation: Partial<ServiceImpl<typeof WireService>>, log = testLog()) =>
    openWire({
      service: WireService,
      implementation,
      interceptors: [trace, errors, logCalls(log)],
    });

  test.each<[string, unknown]>([
    ["a programming error", new TypeError("cannot read 'secret' of undefined")],
    ["an error of PostgreSQL", Object.assign(new Error('relation "secret"'), { code: "42P01" })],
    ["something that is no error", "secret"],
    ["nothing", undefined],
    ["an internal error of ours", new ConnectError("the secret is 1", Code.Internal)],
    ["an unknown error of ours", new ConnectError("the secret is 1")],
  ])("S14 %s stays inside, with a correlation id that leads to it", async (_what, thrown) => {
    const log = testLog();
    const implementation = {
      ask: () => {
        throw thrown;
      },
    };
    await using wire = await open(implementation, log);
    const error = await failureOf(wire.client.ask({}));
    expect(error).toMatchObject({ code: Code.Internal, rawMessage: "internal error" });
    const { correlation_id: id } = infoOf(error).metadata;
    expect(log.records).toMatchObject([{ level: "error", msg: "failed", correlation_id: id }]);
    const shown = [error.message, JSON.stringify(error.details), ...error.metadata.values()];
    expect(shown.join()).not.toContain("secret");
    expect(JSON.stringify(log.records)).toContain(thrown === undefined ? "err" : "secret");
  });

  test("an error with a reason is shown as it is, with its headers", async () => {
    await using wire = await open({
      ask: () => {
        const error = fail("POOR", { amount: 7 });
        error.metadata.set("x-why", "1");
        throw error;
      },
    });
    const error = await failureOf(wire.client.ask({}));
    const shown = { code: Code.FailedPrecondition, rawMessage: "There is but 7." };
    expect(error).toMatchObject(shown);
    expect(infoOf(error)).toMatchObject({ reason: "POOR", metadata: { amount: "7" } });
    expect(error.metadata.get("x-why")).toBe("1");
  });

  test("ER-4 the error of another service comes without the headers it came with", async () => {
    await using inner = await open({
      ask: () => {
        const error = fail("POOR", { amount: 7 });
        error.metadata.set("x-inside", "1");
        throw error;
      },
    });
    await using outer = await open({ ask: async () => inner.client.ask({}) });
    const error = await failureOf(outer.client.ask({}));
    expect(error.code).toBe(Code.FailedPrecondition);
    expect(infoOf(error)).toMatchObject({ reason: "POOR", metadata: { amount: "7" } });
    expect(error.metadata.has("x-inside")).toBe(false);
  });

  test("a service that another one does not believe has failed itself", async () => {
    const refused = new ConnectError("who are you?", Code.Unauthenticated);
    await using inner = await open({ ask: async () => Promise.reject(refused) });
    await using outer = await open({ ask: async () => inner.client.ask({}) });
    expect((await failureOf(outer.client.ask({}))).code).toBe(Code.Internal);
    expect((await failureOf(inner.client.ask({}))).code).toBe(Code.Unauthenticated);
  });

  test.each([
    [Code.Canceled, "CANCELED"],
    [Code.DeadlineExceeded, "DEADLINE_PASSED"],
    [Code.Unavailable, "UNAVAILABLE"],
    [Code.NotFound, "NOT_FOUND"],
    [Code.ResourceExhausted, "RESOURCE_EXHAUSTED"],
  ])("ER-2 an error with the code %s alone gets the reason %s", async (code, reason) => {
    await using wire = await open({
      ask: async () => Promise.reject(new ConnectError("127.0.0.1:5432 is away", code)),
    });
    const error = await failureOf(wire.client.ask({}));
    expect(error.code).toBe(code);
    expect(infoOf(error).reason).toBe(reason);
    expect(error.message.includes("127.0.0.1")).toBe(code !== Code.Unavailable && !ends.has(code));
  });

  test("what a stream fails with at its end is masked too", async () => {
    const log = testLog();
    const implementation: Partial<ServiceImpl<typeof WireService>> = {
      async *listen() {
        yield {};
        throw new Error("secret");
      },
    };
    await using wire = await open(implementation, log);
    const read = async () => {
      for await (const _ of wire.client.listen({}));
    };
    expect(await failureOf(read())).toMatchObject({ rawMessage: "internal error" });
    expect(log.records).toMatchObject([{ level: "error", err: { message: "secret" } }]);
  });

  test("the log has a line for each call", async () => {
    const log = testLog();
    await using wire = await open({ ask: () => ({}) }, log);
    await wire.client.ask({});
    const method = "mizan.testing.v1.WireService/Ask";
    expect(log.records).toMatchObject([{ level: "info", msg: "answered", method }]);
    expect(log.records[0]!["ms"]).toBeGreaterThanOrEqual(0);
  });
});
