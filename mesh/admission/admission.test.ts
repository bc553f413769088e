import { Code } from "@connectrpc/connect";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { CALL_WAIT_MS, CONCURRENT_CALLS, MAX_WAITING_CALLS } from "../limits.ts";
import { failureOf, infoOf } from "../testing/failure.ts";
import { type Admission, type ClassName, createAdmission } from "./admission.ts";

const { start } = CONCURRENT_CALLS;
const wanted = new AbortController().signal;

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] }));
afterEach(() => void vi.useRealTimers());

/** How many calls of a class get a place at once. */
function fill(admission: Admission, kind: ClassName): number {
  let places = 0;
  for (;;) {
    const place = admission.enter(kind, wanted);
    if (place !== undefined) {
      place.catch(() => {}); // it stays in the line
      return places;
    }
    places += 1;
  }
}

describe("shares", () => {
  test("one class alone may borrow nearly all, the less important ones less", () => {
    const kinds = ["EXPRESS", "MONEY", "READ", "BULK"] as const;
    const alone = kinds.map((kind) => fill(createAdmission(), kind) / start);
    expect(alone).toEqual([1, 0.95, 0.85, 0.7]);
  });

  test.each([
    ["EXPRESS", 0.2],
    ["MONEY", 0.5],
    ["READ", 0.2],
    ["BULK", 0.1],
  ] as const)("%s is sure of its part, whatever the others do", (kind, share) => {
    const admission = createAdmission();
    for (const other of ["EXPRESS", "MONEY", "READ", "BULK"] as const) {
      if (other !== kind) fill(admission, other);
    }
    expect(fill(admission, kind)).toBe(start * share);
  });
});

describe("waiting", () => {
  test("places that are given back go to the most important calls first", async () => {
    const admission = createAdmission();
    const served: string[] = [];
    const kinds = ["EXPRESS", "MONEY", "READ", "BULK"] as const;
    const places = kinds.map((kind) => [kind, fill(admission, kind)] as const);
    for (const kind of kinds.toReversed()) {
      void admission.enter(kind, wanted)!.then(() => served.push(kind));
    }
    for (const [kind, count] of places) {
      for (let call = 0; call < count; call++)
        admission.leave(kind, { method: "method", noticeableMs: 25 });
    }
    await vi.advanceTimersByTimeAsync(0);
    expect(served).toEqual(["EXPRESS", "MONEY", "READ", "BULK"]);
  });

  test("a call waits no longer than it may, and is told when to come again", async () => {
    const admission = createAdmission();
    fill(admission, "MONEY");
    const refused = failureOf(admission.enter("MONEY", wanted)!);
    await vi.advanceTimersByTimeAsync(CALL_WAIT_MS.usual + 1);
    const error = await refused;
    expect([error.code, infoOf(error).reason]).toEqual([Code.ResourceExhausted, "OVERLOADED"]);
    const pushbackMs = Number(error.metadata.get("grpc-retry-pushback-ms"));
    expect(pushbackMs).toSatisfy((ms: number) => ms >= 100 && ms <= 300);
    expect(error.metadata.get("retry-after")).toBe("1");
    expect(admission.state()).toMatchObject({ waiting: 0, refused: 2 });
  });

  test("R3 a full line refuses at once", async () => {
    const admission = createAdmission();
    fill(admission, "BULK");
    for (let call = 1; call < MAX_WAITING_CALLS; call++) {
      admission.enter("BULK", wanted)!.catch(() => {});
    }
    expect(admission.state().waiting).toBe(MAX_WAITING_CALLS);
    const error = await failureOf(admission.enter("BULK", wanted)!);
    expect(infoOf(error).reason).toBe("OVERLOADED");
  });

  test("under overload the newest is served first, and the others wait but a moment", async () => {
    const admission = createAdmission();
    fill(admission, "MONEY");
    const ends: string[] = [];
    const enter = (name: string) =>
      admission.enter("MONEY", wanted)!.then(
        () => ends.push(name),
        () => ends.push(`no ${name}`),
      );
    const keepFull = async (ms: number) => {
      for (let step = 0; step < ms; step += 5) {
        admission.enter("MONEY", wanted)!.catch(() => {});
        await vi.advanceTimersByTimeAsync(5);
      }
    };
    await keepFull(CALL_WAIT_MS.usual + 10);
    void enter("old");
    void enter("new");
    admission.leave("MONEY", { method: "method", noticeableMs: 25 });
    await vi.advanceTimersByTimeAsync(1);
    expect(ends).toEqual(["new"]);
    await vi.advanceTimersByTimeAsync(CALL_WAIT_MS.overload + 1);
    expect(ends).toEqual(["new", "no old"]);
  });

  test("G13 no place is wasted on a caller who has left", async () => {
    const admission = createAdmission();
    fill(admission, "MONEY");
    await vi.advanceTimersByTimeAsync(CALL_WAIT_MS.usual + 1);
    const gone = new AbortController();
    const left = failureOf(admission.enter("MONEY", gone.signal)!);
    let isServed = false;
    void admission.enter("MONEY", wanted)!.then(() => (isServed = true));
    gone.abort();
    admission.leave("MONEY", { method: "method", noticeableMs: 25 });
    await left;
    await vi.advanceTimersByTimeAsync(0);
    expect(isServed).toBe(true);
  });
});
