import { expect, test } from "vitest";
import { bury } from "../testing/dead-letter.ts";
import { testCore } from "../testing/test-core.ts";
import { listDeadLetters } from "./list-dead-letters.ts";

test("the events that consumers gave up are listed in pages", async () => {
  await using running = await testCore();
  const { core } = running;
  const ids = [await bury(core), await bury(core)];
  const first = await listDeadLetters(core, { pageSize: 1, pageToken: "" });
  const second = await listDeadLetters(core, { pageSize: 1, pageToken: first.nextPageToken });
  const listed = [...first.deadLetters, ...second.deadLetters];
  expect(listed.map(({ id }) => id)).toEqual(ids.toReversed());
  expect(listed[0]).toMatchObject({ consumer: "welcome", error: "broken", attempts: 5 });
});
