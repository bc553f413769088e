import { describe, expect, test } from "vitest";
import { reasonOf } from "#mesh/errors.ts";
import { createHashQueue } from "./hash-queue.ts";

describe("createHashQueue()", () => {
  test("S2 runs two at a time and begins the others in their order", async () => {
    const queue = createHashQueue({ running: 2, waiting: 50 });
    const works = Array.from({ length: 5 }, () => Promise.withResolvers<number>());
    const begun: number[] = [];
    const results = works.map(async (work, at) =>
      queue.run(() => {
        begun.push(at);
        return work.promise;
      }),
    );
    await turn();
    expect(begun).toEqual([0, 1]);
    works[1]!.resolve(1);
    await turn();
    expect(begun).toEqual([0, 1, 2]);
    works.forEach((work, at) => work.resolve(at));
    expect(await Promise.all(results)).toEqual([0, 1, 2, 3, 4]);
  });

  test("S2 refuses at once when the queue is full, and is open again when it is not", async () => {
    const queue = createHashQueue({ running: 1, waiting: 2 });
    const work = Promise.withResolvers<void>();
    const accepted = [1, 2, 3].map(async () => queue.run(() => work.promise));
    await turn();
    expect(queue.waiting()).toBe(2);
    const refused = await queue.run(() => work.promise).catch((error: unknown) => error);
    expect(reasonOf(refused)).toBe("OVERLOADED");
    work.resolve();
    await Promise.all(accepted);
    await expect(queue.run(async () => "done")).resolves.toBe("done");
  });

  test("work that fails makes room for the next", async () => {
    const queue = createHashQueue({ running: 1, waiting: 1 });
    await expect(queue.run(async () => Promise.reject(new Error("broken")))).rejects.toThrow(
      "broken",
    );
    await expect(queue.run(async () => "done")).resolves.toBe("done");
  });

  test("work whose caller is gone at its turn is not begun", async () => {
    const queue = createHashQueue({ running: 1, waiting: 1 });
    const first = Promise.withResolvers<void>();
    const running = queue.run(() => first.promise);
    const caller = new AbortController();
    let isBegun = false;
    const waiting = queue.run(async () => void (isBegun = true), caller.signal);
    caller.abort(new Error("gone"));
    first.resolve();
    await running;
    await expect(waiting).rejects.toThrow("gone");
    expect(isBegun).toBe(false);
  });
});

/** Lets everything happen that waits for nothing but its turn. */
async function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
