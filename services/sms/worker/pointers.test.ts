import { expect, test } from "vitest";
import type { Delivery } from "#mesh/events/bus-pull.ts";
import { newId } from "#mesh/ids.ts";
import { createPointers } from "./pointers.ts";

/** A pointer as the broker gives it, and what it was told of it. */
function pointer(subject: string, taskIds: readonly string[]) {
  const told: string[] = [];
  const delivery: Delivery = {
    stream: "SMS_BULK",
    streamSeq: 1,
    subject,
    payload: new TextEncoder().encode(taskIds.join(",")),
    attempt: 1,
    waiting: 0,
    header: () => undefined,
    ack: () => void told.push("ack"),
    retry: (ms) => void told.push(`retry ${ms}`),
    giveUp: () => void told.push("give up"),
    working: () => void told.push("working"),
  };
  return { delivery, told };
}

const ids = (count: number) => Array.from({ length: count }, () => newId());

test("Q-6 acknowledges a pointer when all of its tasks are done", () => {
  const pointers = createPointers(1000);
  const tasks = ids(3);
  const { delivery, told } = pointer("a", tasks);
  pointers.add(delivery);
  const [first] = pointers.take(2);
  const [second] = pointers.take(2);
  expect([first!.taskIds, second!.taskIds]).toEqual([tasks.slice(0, 2), tasks.slice(2)]);
  second!.done([]);
  expect(told).toEqual([]);
  first!.done([]);
  expect(told).toEqual(["ack"]);
});

test("asks for a pointer again when any of its tasks could not be taken", () => {
  const pointers = createPointers(1000);
  const { delivery, told } = pointer("a", ids(2));
  pointers.add(delivery);
  const bites = [...pointers.take(1), ...pointers.take(1)];
  bites[0]!.failed();
  bites[1]!.done([]);
  expect(told).toEqual(["retry 1000"]);
});

test("tasks that are left wait before all others of their subject", () => {
  const pointers = createPointers(1000);
  const [early, late] = [ids(3), ids(1)];
  pointers.add(pointer("a", early).delivery);
  pointers.add(pointer("a", late).delivery);
  const [bite] = pointers.take(3);
  bite!.done(early.slice(1));
  expect(pointers.waiting()).toBe(3);
  expect(pointers.take(3).flatMap(({ taskIds }) => taskIds)).toEqual([...early.slice(1), ...late]);
});

test("LANE-5 takes from one subject after the other, however much waits in one", () => {
  const pointers = createPointers(1000);
  const [many, few] = [ids(50), ids(2)];
  pointers.add(pointer("a", many).delivery);
  for (const id of few) pointers.add(pointer("b", [id]).delivery);
  const taken = [1, 2, 3, 4].map(() => pointers.take(1)[0]!.taskIds[0]);
  expect(taken).toEqual([many[0], few[0], many[1], few[1]]);
});

test("gives up what names no task, and gives the rest back when it is told to", () => {
  const pointers = createPointers(1000);
  const [nonsense, sound] = [pointer("a", ["nonsense"]), pointer("a", ids(1))];
  pointers.add(nonsense.delivery);
  pointers.add(sound.delivery);
  pointers.working();
  pointers.release();
  expect(nonsense.told).toEqual(["give up"]);
  expect(sound.told).toEqual(["working", "retry 0"]);
  expect(pointers.take(10)).toEqual([]);
});
