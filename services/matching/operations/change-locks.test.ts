import { expect, test } from "vitest";
import { reasonOf } from "#mesh/errors.ts";
import { MAX_WAITING_CHANGES } from "#mesh/limits.ts";
import { orderId } from "../testing/test-writer.ts";
import { createChangeLocks } from "./change-locks.ts";

test("R3 the line of changes of an order is bounded, and who waits too long is not served", async () => {
  const locks = createChangeLocks();
  const order = orderId(1);
  const gate = Promise.withResolvers<undefined>();
  const leaving = new AbortController();
  let served = 0;
  const serve = async () => void (served += 1);
  const first = locks.alone(order, async () => gate.promise, {});
  const late = locks.alone(order, serve, { signal: leaving.signal });
  const rest = Array.from({ length: MAX_WAITING_CHANGES - 2 }, async () =>
    locks.alone(order, serve, {}),
  );
  const over = locks.alone(order, serve, {});
  await expect(over).rejects.toSatisfy((error) => reasonOf(error) === "OVERLOADED");
  leaving.abort();
  gate.resolve(undefined);
  await expect(late).rejects.toSatisfy((error) => reasonOf(error) === "DEADLINE_PASSED");
  await Promise.all([first, ...rest]);
  expect(served).toBe(MAX_WAITING_CHANGES - 2);
  await locks.alone(order, serve, {});
});
