import { expect, test } from "vitest";
import { type Goal, splitTask } from "./split-task.ts";

const goal = (stage: string, dueInMs = 0): Goal<string> => ({
  stage,
  dueInMs,
  asked: 0,
  notFound: 0,
});

test("FO-6 the largest group keeps the task, and each other way is a task of its own", () => {
  const goals = new Map([
    ["a", goal("SENT", 60)],
    ["b", goal("QUEUED")],
    ["c", goal("SENT", 60)],
    ["d", goal("QUEUED", 5)],
  ]);
  expect(splitTask(["a", "b", "c", "d", "ended"], (id) => goals.get(id))).toEqual({
    rest: { goal: goal("SENT", 60), messageIds: ["a", "c"] },
    others: [
      { goal: goal("QUEUED"), messageIds: ["b"] },
      { goal: goal("QUEUED", 5), messageIds: ["d"] },
    ],
  });
});

test("a task whose messages have all ended has nothing left", () => {
  expect(splitTask(["a", "b"], () => undefined)).toEqual({ rest: undefined, others: [] });
});
