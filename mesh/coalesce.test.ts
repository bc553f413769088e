import { Code } from "@connectrpc/connect";
import { afterEach, describe, expect, test, vi } from "vitest";
import { coalesce, type CoalesceOptions } from "./coalesce.ts";
import { failureOf, infoOf } from "./testing/failure.ts";

describe("concurrent calls", () => {
  test("that come together leave together, and each gets its own result", async () => {
    const { batches, add } = doubling();
    const results = await Promise.all([1, 2, 3].map(async (item) => add(item)));
    expect([batches, results]).toEqual([[[1, 2, 3]], [2, 4, 6]]);
  });

  test("L3 that come during a batch leave with the next one", async () => {
    const gate = Promise.withResolvers<void>();
    const started = Promise.withResolvers<void>();
    const { batches, add } = doubling({
      before: async () => {
        started.resolve();
        await gate.promise;
      },
    });
    const first = add(1);
    await started.promise;
    const rest = [2, 3, 4].map(async (item) => add(item));
    gate.resolve();
    expect(await Promise.all([first, ...rest])).toEqual([2, 4, 6, 8]);
    expect(batches).toEqual([[1], [2, 3, 4]]);
  });

  test("leave in batches of the size that is allowed, in their order", async () => {
    const { batches, add } = doubling({ maxItems: 2 });
    await Promise.all([1, 2, 3, 4, 5].map(async (item) => add(item)));
    expect(batches).toEqual([[1, 2], [3, 4], [5]]);
  });

  test("count by their size, and one that is too large alone goes alone", async () => {
    const { batches, add } = doubling({ maxItems: 5, sizeOf: (item) => item });
    await Promise.all([2, 3, 4, 9, 1].map(async (item) => add(item)));
    expect(batches).toEqual([[2, 3], [4], [9], [1]]);
  });
});

test("R3 too many waiting calls are refused at once", async () => {
  const { add, waiting } = doubling({ maxWaiting: 3 });
  const calls = [1, 2, 3].map(async (item) => add(item));
  const error = await failureOf(add(4));
  expect([error.code, infoOf(error).reason]).toEqual([Code.ResourceExhausted, "OVERLOADED"]);
  expect(error.metadata.has("grpc-retry-pushback-ms")).toBe(true);
  await Promise.all(calls);
  expect(waiting()).toBe(0);
  await expect(add(5)).resolves.toBe(10);
});

test("G13 a call whose caller has left is dropped before its batch begins", async () => {
  const { batches, add, waiting } = doubling();
  const controller = new AbortController();
  const kept = add(1, new AbortController().signal);
  const dropped = failureOf(add(2, controller.signal));
  controller.abort();
  expect((await dropped).code).toBe(Code.Canceled);
  expect(await kept).toBe(2);
  expect([batches, waiting()]).toEqual([[[1]], 0]);
});

test("what a batch fails with, all of its calls fail with, and no other", async () => {
  let isBroken = true;
  const { add } = doubling({
    before: async () => {
      if (isBroken) throw new Error("broken");
    },
  });
  const calls = [1, 2].map(async (item) => add(item));
  expect((await Promise.allSettled(calls)).map(({ status }) => status)).toEqual([
    "rejected",
    "rejected",
  ]);
  isBroken = false;
  expect(await add(3)).toBe(6);
});

test("a batch that loses results fails instead of mixing them up", async () => {
  const { add } = coalesce<number, number>({ flush: async () => [], maxItems: 9, maxWaiting: 9 });
  await expect(add(1)).rejects.toThrow("lost results");
});

describe("with a pace", () => {
  afterEach(() => void vi.useRealTimers());

  /** Lets what is under way go on, for so long. */
  const pass = async (ms: number) => {
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
    await vi.advanceTimersByTimeAsync(ms);
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
  };
  const paced = (options: Partial<CoalesceOptions<number, number>> = {}) => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
    return doubling({ everyMs: 10, ...options });
  };

  test("a batch begins so long after the one before, and has all that came meanwhile", async () => {
    const { batches, add } = paced();
    const answers = [add(1)];
    await pass(0);
    answers.push(add(2));
    await pass(5);
    answers.push(add(3));
    await pass(4);
    expect(batches).toEqual([[1]]);
    await pass(1);
    expect(batches).toEqual([[1], [2, 3]]);
    expect(await Promise.all(answers)).toEqual([2, 4, 6]);
  });

  test("one that comes when all is idle does not wait", async () => {
    const { batches, add } = paced();
    await Promise.all([add(1), pass(10)]);
    await Promise.all([add(2), pass(0)]);
    expect(batches).toEqual([[1], [2]]);
  });

  test("a batch that is full does not wait", async () => {
    const { batches, add } = paced({ maxItems: 2 });
    const answers = [1, 2, 3, 4, 5].map(async (item) => add(item));
    await pass(0);
    expect(batches).toEqual([
      [1, 2],
      [3, 4],
    ]);
    await pass(10);
    expect(await Promise.all(answers)).toEqual([2, 4, 6, 8, 10]);
  });

  test("all batches that may run at a time share one pace", async () => {
    const { batches, add } = paced({ maxRunning: 3 });
    const answers = [add(1)];
    await pass(0);
    for (const item of [2, 3]) answers.push(add(item));
    await pass(9);
    expect(batches).toEqual([[1]]);
    await pass(1);
    expect(batches).toEqual([[1], [2, 3]]);
    await Promise.all(answers);
  });
});

/** Doubles numbers, and remembers the batches. */
function doubling({
  before = async () => {},
  ...options
}: Partial<CoalesceOptions<number, number>> & { before?: () => Promise<void> } = {}) {
  const batches: (readonly number[])[] = [];
  const flush = async (items: readonly number[]) => {
    batches.push(items);
    await before();
    return items.map((item) => item * 2);
  };
  return { batches, ...coalesce({ flush, maxItems: 100, maxWaiting: 100, ...options }) };
}

test("as many batches run at a time as may, and each item is in one of them", async () => {
  const open: (() => void)[] = [];
  const batches: number[][] = [];
  const { add } = coalesce({
    flush: async (items: readonly number[]) => {
      batches.push([...items]);
      await new Promise<void>((resolve) => open.push(resolve));
      return items;
    },
    maxItems: 10,
    maxWaiting: 10,
    maxRunning: 2,
  });
  const answers = [add(1)];
  for (const item of [2, 3]) {
    await vi.waitFor(() => expect(batches).toHaveLength(item - 1));
    answers.push(add(item));
  }
  await new Promise((resolve) => setImmediate(resolve));
  expect(batches).toEqual([[1], [2]]);
  open[1]!();
  await vi.waitFor(() => expect(batches).toEqual([[1], [2], [3]]));
  for (const close of open) close();
  expect(await Promise.all(answers)).toEqual([1, 2, 3]);
});
