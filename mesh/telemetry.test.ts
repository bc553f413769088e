import { Code } from "@connectrpc/connect";
import { expect, test } from "vitest";
import { MAX_LABEL_SETS } from "./limits.ts";
import { createTelemetry } from "./telemetry.ts";

test("every call is counted by method and code, with its duration and while it runs", async () => {
  using telemetry = createTelemetry("core");
  const end = telemetry.begin("mizan.core.v1.UserService/Login");
  expect(telemetry.inFlight()).toBe(1);
  expect(await page(telemetry)).toContain('mizan_calls_in_flight{service="core"} 1');
  end(Code.ResourceExhausted);
  telemetry.observe("mizan.core.v1.UserService/Login", undefined, 0.002);
  const text = await page(telemetry);
  expect(telemetry.inFlight()).toBe(0);
  const labels = 'method="mizan.core.v1.UserService/Login"';
  expect(text).toContain(`{${labels},code="resource_exhausted",service="core"} 1`);
  expect(text).toContain(`mizan_calls_total{${labels},code="ok",service="core"} 1`);
  expect(text).toContain(`mizan_call_seconds_count{service="core",${labels}} 2`);
  expect(text).toContain("process_cpu_seconds_total");
});

test("R3 a metric has a bounded number of series, and loses no count", async () => {
  using telemetry = createTelemetry("core");
  const count = telemetry.counter("mizan_test_total", "A test.");
  for (let n = 0; n < MAX_LABEL_SETS + 5; n += 1) count.add({ user: `u${n}` });
  const series = (await page(telemetry)).match(/^mizan_test_total\{.*$/gm) ?? [];
  expect(series).toHaveLength(MAX_LABEL_SETS + 1);
  expect(series.at(-1)).toBe('mizan_test_total{user="other",service="core"} 5');
});

test("a metric that is asked for twice is the same one", async () => {
  using telemetry = createTelemetry("core");
  telemetry.counter("mizan_twice_total", "A test.").add();
  telemetry.counter("mizan_twice_total", "A test.").add({}, 2);
  telemetry.gauge("mizan_level", "A test.").set(4);
  telemetry.histogram("mizan_size", "A test.", [1, 10]).observe(5);
  telemetry.watch("mizan_read", "A test.", () => 7);
  const text = await page(telemetry);
  expect(text).toContain('mizan_twice_total{service="core"} 3');
  expect(text).toContain('mizan_level{service="core"} 4');
  expect(text).toContain('mizan_size_bucket{le="10",service="core"} 1');
  expect(text).toContain('mizan_read{service="core"} 7');
});

async function page(telemetry: ReturnType<typeof createTelemetry>): Promise<string> {
  return (await telemetry.page()).text;
}
