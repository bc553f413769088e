import { describe, expect, test } from "vitest";
import { GuardedService } from "../testing/guarded-service.ts";
import { checkServiceConfig, serviceConfig } from "./service-config.ts";

const config = serviceConfig([GuardedService]);
const [balancing] = config.loadBalancingConfig as [{ outlier_detection: object }];

describe("serviceConfig()", () => {
  test("G2 is read by grpc-js as it is meant", () => {
    expect(() => checkServiceConfig(config)).not.toThrow();
  });

  test("G10 only what is safe to repeat is repeated", () => {
    const methods = new Map(config.methodConfig.map((one) => [one.name[0].method, one]));
    const repeated = [...methods].filter(([, { retryPolicy }]) => retryPolicy !== undefined);
    expect(methods.size).toBe(11);
    expect(repeated.map(([name]) => name)).not.toContain("Login");
    expect(repeated).toHaveLength(10);
    expect(methods.get("Write")).toMatchObject({
      waitForReady: true,
      timeout: { seconds: 10, nanos: 0 },
      retryPolicy: { maxAttempts: 3, retryableStatusCodes: ["UNAVAILABLE"] },
    });
  });
});

describe("checkServiceConfig()", () => {
  const [method] = config.methodConfig;
  test.each<[string, object]>([
    [
      "a duration as text",
      {
        loadBalancingConfig: [
          { outlier_detection: { ...balancing.outlier_detection, interval: "5s" } },
        ],
      },
    ],
    [
      "a child that grpc-js does not have",
      { loadBalancingConfig: [{ outlier_detection: { child_policy: [{ ring_hash: {} }] } }] },
    ],
    [
      "pick_first under outlier detection",
      { loadBalancingConfig: [{ outlier_detection: { child_policy: [{ pick_first: {} }] } }] },
    ],
    ["no balancing", { loadBalancingConfig: [] }],
    ["a fractional timeout as text", { methodConfig: [{ ...method, timeout: "1.5s" }] }],
    [
      "a fractional timeout",
      { methodConfig: [{ ...method, timeout: { seconds: 1.5, nanos: 0 } }] },
    ],
    [
      "a backoff as an object",
      {
        methodConfig: [
          { ...method, retryPolicy: { ...method!.retryPolicy, initialBackoff: { seconds: 1 } } },
        ],
      },
    ],
  ])("M10 refuses %s, which grpc-js would drop or misread in silence", (_what, change) => {
    expect(() => checkServiceConfig({ ...config, ...change })).toThrow("G2");
  });
});
