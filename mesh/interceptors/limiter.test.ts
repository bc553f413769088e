import { Code, type HandlerContext } from "@connectrpc/connect";
import { describe, expect, test } from "vitest";
import { createAdmission } from "../admission/admission.ts";
import { CALL_WAIT_MS, CONCURRENT_CALLS, MAX_WAITING_CALLS } from "../limits.ts";
import { restKey } from "../rest.ts";
import { failureOf, infoOf } from "../testing/failure.ts";
import { GuardedService } from "../testing/guarded-service.ts";
import { wires } from "../testing/wires.ts";
import { errors } from "./errors.ts";
import { limitConcurrency } from "./limiter.ts";

const { grpc, connect } = wires;

/** Three times as many calls as may run at the start. */
const flood = 3 * CONCURRENT_CALLS.start;

describe.each(Object.entries({ grpc, connect }))("over %s", (_name, openWire) => {
  const open = (admission = createAdmission()) => {
    const running = Promise.withResolvers<object>();
    const implementation = {
      open: () => running.promise,
      login: () => ({}),
      async *watch() {
        yield await running.promise;
      },
    };
    const interceptors = [errors, limitConcurrency(admission)];
    const served = { service: GuardedService, implementation, interceptors };
    return openWire(served).then((wire) => ({ ...wire, running, admission }));
  };

  test("a flood of reads is shed with OVERLOADED, and log-in goes on", async () => {
    await using wire = await open();
    const calls = Array.from({ length: flood }, async () =>
      wire.client.open({}).then(
        () => "answered",
        (error) => infoOf(error).reason,
      ),
    );
    await expect.poll(() => wire.admission.state().refused).toBeGreaterThan(flood / 2);
    await wire.client.login({});
    wire.running.resolve({});
    const ends = Map.groupBy(await Promise.all(calls), (end) => end);
    expect(ends.get("answered")).toHaveLength(CONCURRENT_CALLS.start * 0.85);
    expect(ends.get("OVERLOADED")).toHaveLength(flood - CONCURRENT_CALLS.start * 0.85);
    expect(wire.admission.state()).toMatchObject({ running: 0, waiting: 0 });
  });

  test("a call that fails gives its place back", async () => {
    await using wire = await open();
    wire.running.promise.catch(() => {});
    wire.running.reject(new Error("broken"));
    for (let call = 0; call < 30; call++) {
      expect((await failureOf(wire.client.open({}))).code).toBe(Code.Internal);
    }
    expect(wire.admission.state()).toMatchObject({ running: 0, waiting: 0, refused: 0 });
  });

  test("a call that only waits gives its place to others, once", async () => {
    const admission = createAdmission();
    const running = Promise.withResolvers<object>();
    const implementation = {
      open: async (_: unknown, { values }: HandlerContext) => {
        values.get(restKey)();
        values.get(restKey)();
        return running.promise;
      },
    };
    const interceptors = [errors, limitConcurrency(admission)];
    await using wire = await openWire({ service: GuardedService, implementation, interceptors });
    const calls = Array.from({ length: flood }, async () => wire.client.open({}));
    await expect.poll(() => admission.state().running).toBe(0);
    running.resolve({});
    await Promise.all(calls);
    expect(admission.state()).toMatchObject({ running: 0, waiting: 0, refused: 0 });
  });

  test("a stream takes no place", async () => {
    await using wire = await open();
    wire.running.resolve({});
    for await (const _ of wire.client.watch({})) {
      expect(wire.admission.state().running).toBe(0);
    }
  });
});

test("a refusal takes less than a millisecond", async () => {
  const admission = createAdmission();
  const call = limitConcurrency(admission)(() => new Promise(() => {}));
  const { signal } = new AbortController();
  const request = { stream: false, method: GuardedService.method.open, signal } as never;
  const waiting = CONCURRENT_CALLS.start + MAX_WAITING_CALLS;
  const ends = Array.from({ length: waiting }, () => call(request).catch(() => {}));
  const times: number[] = [];
  for (let refusal = 0; refusal < 100; refusal++) {
    const start = performance.now();
    await failureOf(call(request));
    times.push(performance.now() - start);
  }
  expect(times.toSorted((one, other) => one - other)[50]).toBeLessThan(1);
  await expect.poll(() => admission.state().waiting, { timeout: CALL_WAIT_MS.usual * 10 }).toBe(0);
  expect(ends).toHaveLength(waiting);
});
