import { spawnSync } from "node:child_process";
import { Code, ConnectError } from "@connectrpc/connect";
import { expect, test } from "vitest";
import { createLog, type Level } from "./log.ts";
import { mask } from "./mask.ts";
import { fail } from "./reasons.ts";
import { receiveTrace, withTrace } from "./trace.ts";

const canaries = [
  "+989121234567",
  "09121234567",
  "0912-123 4567",
  "00989121234567",
  "۰۹۱۲۱۲۳۴۵۶۷",
  "IR820540102680020817909002",
  "IR82 0540 1026 8002 0817 9090 02",
  "DE89370400440532013000",
  "someone.special@example.co.uk",
  "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
  "mzk_live_canary0123456789",
  "6037991234567890",
  "6037-9912-3456-7890",
];

test.each(canaries)("S12 a log line never tells %s, wherever it is put", (canary) => {
  const { log, text } = recorded();
  const error = new Error(`no route to ${canary}`, { cause: new Error(canary) });
  log.info(`sent to ${canary} at last`);
  log.info({ detail: `to ${canary}`, receiver: canary, nested: { a: canary } }, "x");
  log.error(error, `failed for ${canary}`);
  log.warn({ err: new AggregateError([error], canary) }, "x");
  log.warn({ error: canary, list: [canary], url: `http://x/?to=${canary}` }, canary);
  log.child({ phone: canary, detail: canary }).info("x");
  expect(text().replaceAll(/\\u[0-9a-f]{4}/g, "")).not.toContain(canary);
});

test.each([
  ["a password by name", { password: "hunter2-canary" }, ""],
  ["a number with a telling name", { otp: 421_337 }, ""],
  ["a password in a text", {}, 'login with {"password": "hunter2-canary"} failed'],
  ["a password in a form", {}, "username=a&password=hunter2-canary&x=1"],
  ["a bearer token", {}, "Authorization: Bearer hunter2-canary"],
  ["a password in an address", { url: "postgres://mizan:hunter2-canary@db/core" }, ""],
  ["a code", {}, "your code is 421337"],
  ["an unknown text", { note: "hunter2-canary" }, ""],
  ["a message of the contract", { request: { password: "hunter2-canary" } }, ""],
])("S12 a log line never tells %s", (_name, fields, text) => {
  const { log, text: written } = recorded();
  log.info(fields, text);
  expect(written()).not.toMatch(/hunter2-canary|421337/);
});

test("what helps and harms nobody stays readable", () => {
  const id = "01939c1e-5d6f-7cc3-98c4-dc0c0c07398f";
  const text = `user ${id} moved 250000.00 IRR at 2026-11-21T04:00:00.123Z in 1732161234567890 µs`;
  expect(mask(text)).toBe(text);
  const { log, lines } = recorded();
  log.info({ method: "mizan.core.v1.UserService/Login", seq: 12n, tookMs: 1.5, ok: true }, text);
  expect(lines()).toMatchObject([
    { level: "info", service: "core", msg: text, seq: "12", tookMs: 1.5, ok: true },
  ]);
});

test("an error shows its code, its reason and its cause", () => {
  const { log, lines } = recorded();
  log.error(fail("OVERLOADED", { resource: "x", retry_ms: 5 }), "refused");
  log.error({ err: new ConnectError("gone", Code.Unavailable) }, "lost");
  log.error(Object.assign(new Error("pg"), { code: "23505", detail: "Key (email)=(x)" }), "sql");
  const shown = lines().map(({ err }) => err as Record<string, unknown>);
  expect(shown[0]).toMatchObject({ code: "ResourceExhausted", reason: "OVERLOADED" });
  expect(shown[1]).toMatchObject({ code: "Unavailable" });
  expect(shown[2]).toMatchObject({ code: "23505", message: "pg" });
  expect(shown[2]).not.toHaveProperty("detail");
});

test("every line shows the trace of the work that it is about", () => {
  const { log, lines } = recorded();
  const trace = receiveTrace(new Headers({ "x-correlation-id": "order-17" }));
  withTrace(trace, () => log.child({ job: "prune" }).info("x"));
  log.info("y");
  expect(lines()[0]).toMatchObject({ trace_id: trace.traceId, correlation_id: "order-17" });
  expect(lines()[0]).toMatchObject({ job: "prune" });
  expect(lines()[1]).not.toHaveProperty("trace_id");
});

test("a level that is off writes nothing", () => {
  const { log, lines } = recorded("warn");
  log.info("no");
  log.debug({ seq: 1 }, "no");
  log.warn("yes");
  expect(lines()).toHaveLength(1);
});

test("a hostile text takes no time to mask, and is cut off", () => {
  const start = performance.now();
  for (const part of ["a", "a.", "1", "eyJa.", "=", "password:", "IR12", "+1 "]) {
    expect(mask(part.repeat(100_000)).length).toBeLessThan(20_000);
  }
  expect(performance.now() - start).toBeLessThan(1000);
});

test("R7 an error is written at once and the rest before the process ends", () => {
  const program = (end: string) => `
    import { createLog } from "${import.meta.dirname}/log.ts";
    const log = createLog({ name: "core", level: "info" });
    log.info("first");
    log.error("second");
    log.info("third");
    ${end}`;
  const run = (end: string) =>
    spawnSync("node", ["--input-type=module-typescript", "-e", program(end)], { encoding: "utf8" })
      .stdout.trim()
      .split("\n")
      .map((line) => (JSON.parse(line) as { msg: string }).msg);
  expect(run('process.kill(process.pid, "SIGKILL"); setInterval(() => {}, 1000);')).toEqual([
    "first",
    "second",
  ]);
  expect(run("process.exit(1)")).toEqual(["first", "second", "third"]);
  expect(run("throw new Error('end')")).toEqual(["first", "second", "third"]);
});

function recorded(level: Level = "info") {
  const written: string[] = [];
  const log = createLog({ name: "core", level, to: { write: (line) => written.push(line) } });
  return {
    log,
    text: () => written.join(""),
    lines: () => written.map((line) => JSON.parse(line) as Record<string, unknown>),
  };
}
