import { expect, test } from "vitest";
import { newId } from "#mesh/ids.ts";
import { bury } from "../testing/dead-letter.ts";
import { callWith, testCore } from "../testing/test-core.ts";
import { requeueDeadLetters } from "./requeue-dead-letters.ts";

test("A3 dead letters are handed over once, and a retry gets the first count", async () => {
  await using running = await testCore();
  const { core } = running;
  const [ids, key] = [[await bury(core), await bury(core)], newId()];
  expect(await requeueDeadLetters(core, ids, callWith(key))).toMatchObject({ requeuedCount: 2 });
  expect(await requeueDeadLetters(core, ids, callWith(key))).toMatchObject({ requeuedCount: 2 });
  expect(await requeueDeadLetters(core, ids, callWith())).toMatchObject({ requeuedCount: 0 });
});
