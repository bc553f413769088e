import { createContextValues } from "@connectrpc/connect";
import { describe, expect, test } from "vitest";
import { callKey } from "#mesh/idempotent-call.ts";
import { callWith } from "../testing/test-core.ts";
import { saltOf, sealed } from "./seal-password.ts";

describe("saltOf()", () => {
  test("a retry has the salt of the first attempt, and nobody else has it", () => {
    const [first, retry, other] = [callWith("a"), callWith("a"), callWith("b")];
    expect(saltOf(first.values, "sara")).toHaveLength(16);
    expect(saltOf(retry.values, "sara")).toEqual(saltOf(first.values, "sara"));
    expect(saltOf(other.values, "sara")).not.toEqual(saltOf(first.values, "sara"));
    expect(saltOf(first.values, "reza")).not.toEqual(saltOf(first.values, "sara"));
  });

  test("a call without a key has none", () => {
    expect(saltOf(createContextValues(), "sara")).toBeUndefined();
  });
});

describe("sealed()", () => {
  test("S1 the work sees a hash of the fields, and the call has its own again afterwards", async () => {
    const { values } = callWith("a");
    const before = values.get(callKey)!;
    const inside = await sealed(values, ["sara", "$argon2id$…"], async () => {
      values.get(callKey)!.replayed = true;
      return values.get(callKey)!.hash;
    });
    expect(inside).not.toEqual(before.hash);
    expect(values.get(callKey)).toBe(before);
    expect(before.replayed).toBe(true);
  });
});
