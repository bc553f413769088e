import { createContextValues } from "@connectrpc/connect";
import { expect, test } from "vitest";
import { type Caller, callerKey, personOf, principalOf } from "./access.ts";
import type { Person } from "./person.ts";

const person: Person = { id: "maryam", roles: ["USER"], verificationLevel: 0 };

test.each<[Caller, string]>([
  [undefined, "public"],
  [{ kind: "person", person }, "maryam"],
  [{ kind: "service", name: "sms" }, "service:sms"],
  [{ kind: "service", name: "sms", person }, "service:sms"],
])("the principal of %j is %s", (caller, principal) => {
  expect(principalOf(caller)).toBe(principal);
});

test("AC-6 an operation that needs a person gets one, or refuses", () => {
  const values = (caller: Caller) => createContextValues().set(callerKey, caller);
  expect(personOf(values({ kind: "person", person }))).toBe(person);
  for (const caller of [undefined, { kind: "service", name: "sms", person } as const]) {
    expect(() => personOf(values(caller))).toThrow("does not prove who calls");
  }
});
