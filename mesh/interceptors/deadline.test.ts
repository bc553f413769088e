import { setTimeout as sleep } from "node:timers/promises";
import { Code, createContextValues, type HandlerContext } from "@connectrpc/connect";
import { describe, expect, test } from "vitest";
import { timeLeftMs } from "../deadline.ts";
import { reasons } from "../errors.ts";
import { failureOf, infoOf } from "../testing/failure.ts";
import { GuardedService } from "../testing/guarded-service.ts";
import { wires } from "../testing/wires.ts";
import { deadline } from "./deadline.ts";
import { errors } from "./errors.ts";

type Handler = (request: unknown, context: HandlerContext) => Promise<object>;

const { grpc, connect, grpcFromAnotherClient } = wires;
const pairs = Object.entries({ grpc, grpcFromAnotherClient, connect });

describe.each(pairs)("%s", (_name, openWire) => {
  const open = (handler: Handler) =>
    openWire({
      service: GuardedService,
      implementation: {
        open: handler,
        async *watch(_request, context) {
          yield await handler(_request, context);
        },
      },
      interceptors: [errors, deadline],
    });
  const leftOf = () => {
    const left: (number | undefined)[] = [];
    const handler: Handler = async (_request, { values }) => {
      left.push(timeLeftMs(values));
      return {};
    };
    return { left, handler };
  };

  test("G7 a call without a deadline gets the default of its method", async () => {
    const { left, handler } = leftOf();
    await using wire = await open(handler);
    await wire.client.open({});
    expect(left[0]).toSatisfy((ms: number) => ms > 1000 && ms <= 2000);
  });

  test("a call keeps the deadline that it came with", async () => {
    const { left, handler } = leftOf();
    await using wire = await open(handler);
    await wire.client.open({}, { timeoutMs: 5000 });
    expect(left[0]).toSatisfy((ms: number) => ms > 4000 && ms <= 5000);
  });

  test("G14 a deadline above the maximum of the method is shortened", async () => {
    const { left, handler } = leftOf();
    await using wire = await open(handler);
    await wire.client.open({}, { timeoutMs: 60_000 });
    expect(left[0]).toSatisfy((ms: number) => ms > 9000 && ms <= 10_000);
  });

  test("AD-11 a stream lives until its caller ends it", async () => {
    const { left, handler } = leftOf();
    await using wire = await open(handler);
    for await (const _ of wire.client.watch({}));
    for await (const _ of wire.client.watch({}, { timeoutMs: 60_000 }));
    expect(left[0]).toBe(undefined);
    expect(left[1]).toBeGreaterThan(50_000);
  });

  test("AD-13 a handler that its signal stops ends as DEADLINE_EXCEEDED, whatever it throws", async () => {
    const aborted = Promise.withResolvers<void>();
    await using wire = await open(async (_request, { signal }) => {
      signal.addEventListener("abort", () => aborted.resolve());
      await sleep(10_000, undefined, { signal });
      return {};
    });
    const error = await failureOf(wire.client.open({}, { timeoutMs: 50 }));
    expect(error.code).toBe(Code.DeadlineExceeded);
    await aborted.promise;
  });
});

describe("a handler that does not watch its signal", () => {
  test.each(pairs)("is answered for at the end over %s", async (_name, openWire) => {
    const running = Promise.withResolvers<object>();
    await using wire = await openWire({
      service: GuardedService,
      implementation: { open: () => running.promise },
      interceptors: [errors, deadline],
      client: { interceptors: [(next) => (request) => next(request)] },
    });
    const error = await failureOf(wire.client.open({}, { timeoutMs: 50 }));
    expect(error.code).toBe(Code.DeadlineExceeded);
    running.resolve({});
  });
});

describe("the end that a method sets", () => {
  const request = (signal: AbortSignal, headers = {}) => ({
    stream: false,
    method: GuardedService.method.open,
    service: GuardedService,
    header: new Headers(headers),
    contextValues: createContextValues(),
    signal,
  });
  const run = (next: (signal: AbortSignal) => Promise<object>, given: object) =>
    deadline((async ({ signal }: { signal: AbortSignal }) => next(signal)) as never)(
      given as never,
    );

  test("a call whose time is up when it arrives is not begun", async () => {
    let begun = 0;
    const given = request(new AbortController().signal, { "connect-timeout-ms": "0" });
    const error = await failureOf(run(async () => ({ begun: begun++ }), given));
    expect([infoOf(error).reason, begun]).toEqual(["DEADLINE_PASSED", 0]);
  });

  test("a call whose caller has left is not begun", async () => {
    let begun = 0;
    const error = await failureOf(
      run(async () => ({ begun: begun++ }), request(AbortSignal.abort())),
    );
    expect([infoOf(error).reason, begun]).toEqual(["CANCELED", 0]);
  });

  test("a process that shuts down says so", async () => {
    const fail = reasons("mesh", { SHUTTING_DOWN: [Code.Unavailable, "bye"] });
    const controller = new AbortController();
    const call = failureOf(
      run(async (signal) => sleep(10_000, {}, { signal }), request(controller.signal)),
    );
    controller.abort(fail("SHUTTING_DOWN"));
    expect(infoOf(await call).reason).toBe("SHUTTING_DOWN");
  });
});
