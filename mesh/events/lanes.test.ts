import { describe, expect, test, vi } from "vitest";
import { createLanes } from "./lanes.ts";

describe("createLanes()", () => {
  test("keeps the order in a lane and works on several at the same time", async () => {
    const world = watched(2);
    for (const name of ["a1", "a2", "b1", "c1"]) world.add(name);
    expect(world.begun).toEqual(["a1", "b1"]);
    await world.end("a1");
    expect(world.begun).toEqual(["a1", "b1", "a2"]);
    await world.end("b1");
    expect(world.begun).toEqual(["a1", "b1", "a2", "c1"]);
    await world.end("a2");
    await world.end("c1");
    await world.lanes.stop(1000);
  });

  test("gives every lane its turn, however much waits in another", async () => {
    const world = watched(1);
    for (const name of ["a1", "a2", "a3", "b1"]) world.add(name);
    for (const name of ["a1", "a2", "b1", "a3"]) await world.end(name);
    expect(world.begun.indexOf("b1")).toBeLessThan(world.begun.indexOf("a3"));
  });

  test("ends what waits before it stops", async () => {
    const world = watched(1);
    for (const name of ["a1", "a2"]) world.add(name);
    const stopped = vi.fn<() => void>();
    const stopping = world.lanes.stop(10_000).then(stopped);
    await world.end("a1");
    expect(stopped).not.toHaveBeenCalled();
    await world.end("a2");
    await stopping;
    expect(world.begun).toEqual(["a1", "a2"]);
  });

  test("drops what has not begun in time", async () => {
    const world = watched(1);
    for (const name of ["a1", "a2"]) world.add(name);
    vi.useFakeTimers();
    const stopping = world.lanes.stop(10);
    vi.advanceTimersByTime(10);
    vi.useRealTimers();
    await world.end("a1");
    await stopping;
    expect(world.begun).toEqual(["a1"]);
  });
});

/** Lanes whose works are named by lane and number, and end when they are told to. */
function watched(atWork: number) {
  const lanes = createLanes(atWork);
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const add = (name: string) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    ends.set(name, resolve);
    lanes.add(name[0]!, async () => {
      begun.push(name);
      await promise;
    });
  };
  const end = async (name: string) => {
    ends.get(name)!();
    await new Promise((done) => {
      setImmediate(done);
    });
  };
  return { lanes, begun, add, end };
}
