import { describe, expect, test } from "vitest";
import { serviceName } from "./tls.ts";

describe("serviceName()", () => {
  test("G22 reads the one name of SPIFFE", () => {
    const subjectaltname = "DNS:localhost, URI:spiffe://mizan/billing, IP Address:127.0.0.1";
    expect(serviceName({ subjectaltname })).toBe("billing");
  });

  test.each([
    ["no certificate", undefined],
    ["no name", ""],
    ["another trust domain", "URI:spiffe://evil/billing"],
    ["a longer trust domain", "URI:spiffe://mizan.evil/billing"],
    ["two names", "URI:spiffe://mizan/billing, URI:spiffe://mizan/core"],
    ["a quoted name", 'URI:"spiffe://mizan/billing, URI:spiffe://mizan/core"'],
    ["a name in the name", "DNS:spiffe://mizan/billing"],
    ["a path", "URI:spiffe://mizan/billing/core"],
    ["no service", "URI:spiffe://mizan/"],
  ])("G22 finds nobody in %s", (_what, subjectaltname) => {
    expect(serviceName(subjectaltname === undefined ? undefined : { subjectaltname })).toBe(
      undefined,
    );
  });
});
