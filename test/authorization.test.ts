import type { DescMethod } from "@bufbuild/protobuf";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { methodName } from "#mesh/method-name.ts";
import { type TemporaryStack, temporaryStack } from "../scripts/platform/temporary-stack.ts";
import { type Calls, createCalls } from "./authorization/calls.ts";
import { contractMethods } from "./authorization/contract.ts";
import { identities, titleOf } from "./authorization/identities.ts";
import { type Identity, type Verdict, verdictOf } from "./authorization/oracle.ts";

// Everybody calls everything, on real processes: what becomes of each call has to be what the
// options of the method say. Who is refused comes first, before anything can happen.

const methods = await contractMethods();
const matrix = identities.map((who) => [titleOf(who), who] as const);
const driven = { refused: 0, "let in": 0 };
let temporary: TemporaryStack;
let calls: Calls;

beforeAll(async () => {
  temporary = await temporaryStack({ say: () => undefined });
  calls = createCalls(temporary.current().describe());
}, 300_000); // a first start may build the broker
afterAll(async () => {
  calls?.[Symbol.dispose]();
  await temporary?.[Symbol.asyncDispose]();
  const cells = driven.refused + driven["let in"];
  const counts = `${driven.refused} refused, ${driven["let in"]} let in`;
  console.info(`authorization: ${cells} cells (${methods.length} methods): ${counts}`);
});

test("the contract has methods for everybody", () => {
  expect(methods.length).toBeGreaterThan(80);
  const cells = identities.flatMap((who) => methods.map((method) => verdictOf(method, who)));
  expect(new Set(cells).size).toBe(5);
});

describe("what is not allowed is refused", () => {
  test.each(matrix)("of %s", async (_, who) => {
    const refused = methods.filter((method) => verdictOf(method, who) !== "let in");
    driven.refused += refused.length;
    expect(await surprises(refused, who)).toEqual([]);
  });
});

describe("what is allowed is let in", () => {
  test.each(matrix)("of %s", async (_, who) => {
    const open = methods.filter((method) => verdictOf(method, who) === "let in");
    driven["let in"] += open.length;
    expect(await surprises(open, who)).toEqual([]);
  });
});

/** The methods of which something else became than the contract says, in words. */
async function surprises(some: readonly DescMethod[], who: Identity): Promise<string[]> {
  const found: string[] = [];
  const left = [...some];
  const worker = async () => {
    for (let method = left.pop(); method !== undefined; method = left.pop()) {
      const [expected, verdict] = [verdictOf(method, who), await calls.verdict(method, who)];
      if (verdict !== expected) found.push(told(method, expected, verdict));
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, worker));
  return found.toSorted();
}

const AT_A_TIME = 8;

function told(method: DescMethod, expected: Verdict, verdict: Verdict): string {
  return `${methodName(method)}: ${verdict}, not ${expected}`;
}
