import { describe, expect, test } from "vitest";
import { fromClaims, type Person, toClaims } from "./person.ts";

const maryam: Person = { id: "maryam", roles: ["USER", "MERCHANT"], verificationLevel: 2 };

describe("the claims of a person", () => {
  test("carry the person there and back", () => {
    expect(fromClaims(toClaims(maryam))).toEqual(maryam);
  });

  test("with roles that nobody knows lose them", () => {
    const person = fromClaims({ ...toClaims(maryam), roles: ["ROOT", "ADMIN", 1, null] });
    expect(person?.roles).toEqual(["ADMIN"]);
  });

  test.each<[string, unknown]>([
    ["nothing", undefined],
    ["null", null],
    ["text", "maryam"],
    ["no id", { ...toClaims(maryam), sub: "" }],
    ["an id that is no text", { ...toClaims(maryam), sub: 7 }],
    ["no list of roles", { ...toClaims(maryam), roles: "ADMIN" }],
    ["no level", { sub: "maryam", roles: [] }],
    ["a negative level", { ...toClaims(maryam), verification_level: -1 }],
    ["a broken level", { ...toClaims(maryam), verification_level: 1.5 }],
  ])("that are %s describe nobody", (_what, claims) => {
    expect(fromClaims(claims)).toBe(undefined);
  });
});
